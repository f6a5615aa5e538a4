//! Paths, directories and patterns to single files.

use std::path::{Path, PathBuf};

use super::FileError;

/// Files taken from one directory or pattern.
const MAX_FILES: usize = 10_000;

/// One file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// The file.
    pub path: PathBuf,
    /// Whether the user named this very file. One that was only found beside others and holds no certificate is left
    /// out without a word.
    pub named: bool,
}

/// Files as they are, the files of a directory (not of directories inside it), the matches of a pattern
/// (`certs/*.pem`). Sorted within each, in the order given; a path that names nothing is an error of its own.
pub fn discover<P: AsRef<Path>>(paths: &[P]) -> Vec<Result<Discovered, FileError>> {
    paths.iter().flat_map(|path| one(path.as_ref())).collect()
}

fn one(path: &Path) -> Vec<Result<Discovered, FileError>> {
    if path.is_dir() {
        return match directory(path) {
            Ok(files) if files.is_empty() => vec![Err(FileError::NoCertificate {
                path: path.to_owned(),
            })],
            Ok(files) => files.into_iter().map(found).collect(),
            Err(error) => vec![Err(FileError::Read {
                path: path.to_owned(),
                reason: error.to_string(),
            })],
        };
    }
    // A file of that very name wins over a pattern.
    if !path.exists()
        && let Some(text) = path.to_str().filter(|text| text.contains(['*', '?', '[']))
        && let Ok(matches) = glob::glob(text)
    {
        // Already in alphabetical order.
        let files: Vec<_> = matches
            .flatten()
            .filter(|path| path.is_file())
            .take(MAX_FILES)
            .collect();
        if !files.is_empty() {
            return files.into_iter().map(found).collect();
        }
    }
    vec![Ok(Discovered {
        path: path.to_owned(),
        named: true,
    })]
}

#[expect(clippy::unnecessary_wraps, reason = "an element of the list of results")]
fn found(path: PathBuf) -> Result<Discovered, FileError> {
    Ok(Discovered { path, named: false })
}

fn directory(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(path)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .take(MAX_FILES)
        .collect();
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::discover;

    #[test]
    fn directories_patterns_and_names() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["b.pem", "a.pem", "c.txt"] {
            std::fs::write(directory.path().join(name), "x").unwrap();
        }
        std::fs::create_dir(directory.path().join("inner")).unwrap();
        let names = |path: std::path::PathBuf| -> Vec<(String, bool)> {
            discover(&[path])
                .into_iter()
                .map(|found| found.unwrap())
                .map(|found| {
                    (
                        found.path.file_name().unwrap().to_string_lossy().into_owned(),
                        found.named,
                    )
                })
                .collect()
        };
        let all = [
            ("a.pem".to_owned(), false),
            ("b.pem".to_owned(), false),
            ("c.txt".to_owned(), false),
        ];
        assert_eq!(names(directory.path().to_owned()), all);
        assert_eq!(names(directory.path().join("*.pem")), all[..2]);
        assert_eq!(
            names(directory.path().join("no.pem")),
            [("no.pem".to_owned(), true)]
        );
        assert!(discover(&[directory.path().join("inner")])[0].is_err());
    }
}
