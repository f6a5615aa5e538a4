//! A small scripted HTTP server on loopback: what a path answers, and how it misbehaves, is data.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Deserialize;

/// `server.json`: answers by path; `*` is any other path. A list of answers is given one after the other, the last
/// one for ever.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Script {
    /// Arguments of `status`, besides `--url`.
    pub(crate) args: Vec<String>,
    /// What is appended to `http://127.0.0.1:PORT/`.
    pub(crate) path: String,
    /// How often the program is run with the same cache; the last run is compared.
    pub(crate) runs: usize,
    /// The answers.
    pub(crate) routes: BTreeMap<String, Vec<Answer>>,
}

/// One answer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Answer {
    /// The status; 0 stands for 200.
    pub(crate) status: u16,
    /// Headers; `{port}` stands for the server's own port.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body: a file beside the script.
    pub(crate) file: Option<PathBuf>,
    /// The body itself.
    pub(crate) text: String,
    /// Blanks appended to the body, in bytes.
    pub(crate) fill: usize,
    /// Compress the body.
    pub(crate) gzip: bool,
    /// Milliseconds to wait after each byte.
    pub(crate) drip: u64,
    /// Close the connection after so many bytes of the body, although more were announced.
    pub(crate) cut: Option<usize>,
}

/// The server; it answers until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    /// Every request so far.
    requests: Arc<Mutex<Vec<Request>>>,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The path, also when a proxy is asked with the whole URL.
    pub(crate) path: String,
    /// What stood in the first line: the path, or the whole URL.
    pub(crate) target: String,
    pub(crate) headers: HashMap<String, String>,
}

impl Server {
    /// Serves a script whose files lie in `directory`.
    pub(crate) fn start(script: Script, directory: &Path) -> Self {
        Self::start_with(script, directory, None)
    }

    /// The same behind TLS.
    pub(crate) fn start_with(
        script: Script,
        directory: &Path,
        tls: Option<Arc<rustls::ServerConfig>>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let directory = directory.to_owned();
        // The thread ends with the test process; one connection a thread, so that a slow one stops nobody.
        std::thread::spawn(move || {
            let script = Arc::new(script);
            for stream in listener.incoming().flatten() {
                let (script, seen, directory) = (Arc::clone(&script), Arc::clone(&seen), directory.clone());
                let tls = tls.clone();
                std::thread::spawn(move || match tls {
                    None => serve(stream, &script, &seen, &directory, address),
                    Some(config) => {
                        let connection = rustls::ServerConnection::new(config).expect("a connection");
                        let mut stream = rustls::StreamOwned::new(connection, stream);
                        let served = serve(&mut stream, &script, &seen, &directory, address);
                        stream.conn.send_close_notify();
                        let _ = stream.flush();
                        served
                    }
                });
            }
        });
        Self { address, requests }
    }

    /// `http://127.0.0.1:PORT/`
    pub(crate) fn base(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("not poisoned").clone()
    }
}

fn serve(
    mut stream: impl Read + Write,
    script: &Script,
    seen: &Mutex<Vec<Request>>,
    directory: &Path,
    address: SocketAddr,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(&mut stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let target = first.split(' ').nth(1).unwrap_or("/");
    // A proxy is asked with the whole URL.
    let path = target
        .strip_prefix("http://")
        .map_or(target, |rest| rest.find('/').map_or("/", |slash| &rest[slash..]));
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.trim().to_owned()),
            None => break,
        };
    }
    let number = {
        let mut seen = seen.lock().expect("not poisoned");
        let number = seen.iter().filter(|request| request.path == path).count();
        seen.push(Request {
            path: path.to_owned(),
            target: target.to_owned(),
            headers: headers.clone(),
        });
        number
    };
    let answers = script.routes.get(path).or_else(|| script.routes.get("*"));
    let Some(answer) = answers.and_then(|list| list.get(number).or_else(|| list.last())) else {
        return write!(
            stream,
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
    };
    respond(&mut stream, answer, &headers, directory, address)
}

fn respond(
    stream: &mut impl Write,
    answer: &Answer,
    request: &HashMap<String, String>,
    directory: &Path,
    address: SocketAddr,
) -> std::io::Result<()> {
    let mut body = match &answer.file {
        Some(file) => {
            std::fs::read(directory.join(file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        }
        None => answer.text.clone().into_bytes(),
    };
    body.resize(body.len() + answer.fill, b' ');
    let mut status = if answer.status == 0 { 200 } else { answer.status };
    if answer.gzip {
        let mut packed = Vec::new();
        flate2::read::GzEncoder::new(body.as_slice(), flate2::Compression::default())
            .read_to_end(&mut packed)?;
        body = packed;
    }
    let tag = answer.headers.get("etag");
    if tag.is_some() && request.get("if-none-match") == tag {
        status = 304;
        body.clear();
    }
    write!(stream, "HTTP/1.1 {status} Scripted\r\nconnection: close\r\n")?;
    if status != 304 {
        write!(stream, "content-length: {}\r\n", body.len())?;
    }
    if answer.gzip && status != 304 {
        write!(stream, "content-encoding: gzip\r\n")?;
    }
    if !answer.headers.contains_key("date") {
        let now = chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S GMT");
        write!(stream, "date: {now}\r\n")?;
    }
    for (name, value) in &answer.headers {
        let value = value.replace("{port}", &address.port().to_string());
        write!(stream, "{name}: {value}\r\n")?;
    }
    stream.write_all(b"\r\n")?;
    let end = answer.cut.unwrap_or(body.len()).min(body.len());
    if answer.drip == 0 {
        return stream.write_all(&body[..end]);
    }
    for byte in &body[..end] {
        stream.write_all(&[*byte])?;
        std::thread::sleep(Duration::from_millis(answer.drip));
    }
    Ok(())
}
