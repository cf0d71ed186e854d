//! W3C WebDriver over one local connection a request (<https://www.w3.org/TR/webdriver2/>).

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A session with a driver.
pub struct Client {
    port: u16,
    session: String,
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Client {
    /// Asks the driver at `port` to start the program with those arguments.
    pub fn start(port: u16, program: &str, arguments: &[&str]) -> Self {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < PATIENCE, "the driver does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        let options = json!({"binary": program, "args": arguments});
        let body = json!({"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}});
        let answer = send(port, "POST", "/session", Some(&body)).unwrap();
        let session =
            answer["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {answer}"));
        Self { port, session: session.to_owned() }
    }

    /// Sends a command of the session. The error is the driver's.
    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let path = format!("/session/{}{path}", self.session);
        match send(self.port, method, &path, body) {
            Ok(value) => match value.get("error").and_then(Value::as_str) {
                Some(error) => {
                    let message = value["message"].as_str().unwrap_or_default();
                    Err(format!("{error}: {message}"))
                }
                None => Ok(value),
            },
            Err(error) => Err(error.to_string()),
        }
    }

    pub fn post(&self, path: &str, body: Value) -> Result<Value, String> {
        self.send("POST", path, Some(&body))
    }

    pub fn get(&self, path: &str) -> Result<Value, String> {
        self.send("GET", path, None)
    }
}

/// One request; the `value` of the answer.
fn send(port: u16, method: &str, path: &str, body: Option<&Value>) -> io::Result<Value> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let body = body.map(Value::to_string).unwrap_or_default();
    write!(
        &stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut reader = BufReader::new(stream);
    let mut length = None;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
    }
    let mut bytes = Vec::new();
    reader.take(length.unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
    let mut answer: Value = serde_json::from_slice(&bytes).map_err(io::Error::other)?;
    Ok(answer["value"].take())
}
