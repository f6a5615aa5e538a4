use std::io::Read;
use std::path::{Path, PathBuf};

use super::{Fault, InputError, Limit, Limits, open};
use packed::{gzip, tar, zip};

#[path = "../../tests/it/packed.rs"]
mod packed;

type Read1 = Result<(String, Vec<u8>), InputError>;

fn read_all(paths: &[PathBuf], limits: Limits) -> Vec<Read1> {
    open(paths, limits)
        .map(|item| {
            let mut item = item?;
            let mut bytes = Vec::new();
            item.reader
                .read_to_end(&mut bytes)
                .map_err(|error| InputError::reading(&item.name, error))?;
            Ok((item.name, bytes))
        })
        .collect()
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).expect("the directory is writable");
    path
}

fn names(found: &[Read1], dir: &Path) -> Vec<String> {
    let dir = format!("{}/", dir.display());
    found
        .iter()
        .map(|item| match item {
            Ok((name, bytes)) => format!("{} {}", name.replace(&dir, ""), String::from_utf8_lossy(bytes)),
            Err(error) => format!("{} ! {}", error.name.replace(&dir, ""), error.fault),
        })
        .collect()
}

#[test]
fn archives_in_archives_and_directories() {
    let dir = tempfile::tempdir().expect("a directory");
    let inner = zip(&[("deep/c.log", b"c")]);
    write(
        dir.path(),
        "1.zip",
        &zip(&[("a.log", b"a"), ("inner.zip", &inner), ("../../evil", b"e")]),
    );
    write(
        dir.path(),
        "2.tar.gz",
        &gzip(&tar(&[("t.log", b"t"), ("u.log.gz", &gzip(b"u"))])),
    );
    write(dir.path(), "3.tar", &tar(&[("v.log", b"v")]));
    write(dir.path(), "4.log.gz", &gzip(b"plain"));
    write(dir.path(), "5.log", b"");
    let found = read_all(&[dir.path().to_path_buf()], Limits::default());
    assert_eq!(
        names(&found, dir.path()),
        [
            "1.zip!a.log a",
            "1.zip!inner.zip!deep/c.log c",
            "1.zip!../../evil e",
            "2.tar.gz!t.log t",
            "2.tar.gz!u.log.gz u",
            "3.tar!v.log v",
            "4.log.gz plain",
            "5.log "
        ]
    );
}

#[test]
fn hostile_archives_are_refused_and_the_walk_goes_on() {
    let dir = tempfile::tempdir().expect("a directory");
    let limits = Limits {
        depth: 2,
        ratio: 50,
        ratio_from: 1024,
        ..Limits::default()
    };
    let zeros = vec![b'0'; 1 << 20];
    write(dir.path(), "1-ratio.gz", &gzip(&zeros));
    write(dir.path(), "2-ratio.zip", &zip(&[("z", &zeros)]));
    let deep = zip(&[("b.zip", &zip(&[("c.zip", &zip(&[("d", b"d")]))]))]);
    write(dir.path(), "3-deep.zip", &deep);
    let mut cut = gzip(b"some text that is cut off");
    cut.truncate(cut.len() - 12);
    write(dir.path(), "4-cut.gz", &cut);
    let mut damaged = zip(&[("e", b"eeeeeeeeeeeeeeeeeeeeeeeeee")]);
    let place = damaged
        .windows(4)
        .rposition(|window| window == b"PK\x01\x02")
        .expect("a directory")
        + 16;
    damaged[place] ^= 1;
    write(dir.path(), "5-sum.zip", &damaged);
    write(dir.path(), "6-no.zip", b"PK\x03\x04 nothing more");
    write(dir.path(), "7.log", b"fine");
    let found = read_all(&[dir.path().to_path_buf()], limits);
    let shown = names(&found, dir.path());
    assert_eq!(shown[0], "1-ratio.gz ! limit: ratio");
    assert_eq!(shown[1], "2-ratio.zip!z ! limit: ratio");
    assert_eq!(shown[2], "3-deep.zip!b.zip!c.zip ! limit: depth");
    assert_eq!(shown[3], "4-cut.gz ! truncated");
    assert_eq!(shown[4], "5-sum.zip!e ! damaged: checksum");
    assert!(shown[5].starts_with("6-no.zip ! damaged"), "{}", shown[5]);
    assert_eq!(shown[6], "7.log fine");
    assert_eq!(shown.len(), 7);
}

#[test]
fn sizes_and_counts_are_limited() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = write(
        dir.path(),
        "a.zip",
        &zip(&[("a", b"aaaaaaaaaa"), ("b", b"bbbbbbbbbb")]),
    );
    let small = Limits {
        size: 15,
        ..Limits::default()
    };
    let found = read_all(std::slice::from_ref(&path), small);
    assert!(
        matches!(
            found.as_slice(),
            [
                Ok(_),
                Err(InputError {
                    fault: Fault::Limit(Limit::Size),
                    ..
                })
            ]
        ),
        "{found:?}"
    );
    let few = Limits {
        count: 1,
        ..Limits::default()
    };
    let found = read_all(&[path], few);
    assert!(
        matches!(
            found.as_slice(),
            [Err(InputError {
                fault: Fault::Limit(Limit::Count),
                ..
            })]
        ),
        "{found:?}"
    );
}

#[test]
fn what_is_not_there() {
    let dir = tempfile::tempdir().expect("a directory");
    let found = read_all(
        &[dir.path().join("none"), dir.path().join("*.none")],
        Limits::default(),
    );
    assert!(matches!(
        found[0],
        Err(InputError {
            fault: Fault::NotFound,
            ..
        })
    ));
    assert!(matches!(
        found[1],
        Err(InputError {
            fault: Fault::NoMatch,
            ..
        })
    ));
    write(dir.path(), "x.log", b"x");
    let found = read_all(&[dir.path().join("*.log")], Limits::default());
    assert_eq!(names(&found, dir.path()), ["x.log x"]);
}

#[test]
fn binary_is_told_from_text() {
    let dir = tempfile::tempdir().expect("a directory");
    let wide: Vec<u8> = "Ime\tE-pošta\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (bytes, binary) in [
        (&b"\x89PNG\r\n\x1a\n"[..], true),
        (b"%PDF-1.7", true),
        (&[0, 1, 2, 3, 4, 5, 200, 201], true),
        (b"text with a\0NUL and more of it", false),
        (&wide, false),
        (b"", false),
    ] {
        let path = write(dir.path(), "file", bytes);
        let item = open(&[path], Limits::default())
            .next()
            .expect("an item")
            .expect("opens");
        assert_eq!(item.binary, binary, "{bytes:?}");
    }
}

#[test]
fn entries_that_share_their_bytes_are_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut bytes = zip(&[("a.txt", b"orgId: one"), ("b.txt", b"orgId: two")]);
    // The second entry of the directory points at the first member (APPNOTE section 4.3.12: offset 42).
    let second = memchr::memmem::rfind(&bytes, b"PK\x01\x02").expect("a directory entry");
    bytes[second + 42..second + 46].fill(0);
    let path = write(dir.path(), "overlap.zip", &bytes);
    let found = read_all(&[path], Limits::default());
    assert!(!found.is_empty());
    assert!(
        found.iter().all(Result::is_err) && format!("{found:?}").contains("Overlap"),
        "{found:?}"
    );
}
