//! What a hand and an eye do in the window: find by name, click, type, drag, read.

use std::fmt::Debug;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::Client;

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often one looks.
const LOOK: Duration = Duration::from_millis(50);
/// The key under which elements cross (WebDriver section 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// The Enter key (WebDriver section 15.4.2).
const ENTER: &str = "\u{E007}";

/// The page in the window.
pub struct Page {
    client: Client,
}

/// Something on the page.
pub struct Element<'p> {
    page: &'p Page,
    id: String,
    what: String,
}

impl Page {
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Waits until `seen` gives something.
    pub fn until<T>(&self, what: impl Debug, mut seen: impl FnMut() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(value) = seen() {
                return value;
            }
            if start.elapsed() > PATIENCE {
                let shot = std::env::temp_dir().join("vaultmark-window.png");
                self.screenshot(&shot);
                panic!(
                    "{what:?} did not come; the window is in {}\n{}",
                    shot.display(),
                    self.text()
                );
            }
            std::thread::sleep(LOOK);
        }
    }

    /// All visible text, for messages.
    pub fn text(&self) -> String {
        self.script("return document.body.innerText", json!([]))
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Elements that match a CSS selector now.
    pub fn all(&self, css: &str) -> Vec<Element<'_>> {
        let found = self.client.post("/elements", json!({"using": "css selector", "value": css}));
        let found = found.unwrap_or(Value::Null);
        let ids = found.as_array().into_iter().flatten().filter_map(|one| one[ELEMENT].as_str());
        ids.map(|id| Element { page: self, id: id.to_owned(), what: css.to_owned() }).collect()
    }

    /// The first element that matches, once there is one.
    pub fn css(&self, css: &str) -> Element<'_> {
        self.until(css, || self.all(css).into_iter().next())
    }

    /// The element with that `data-testid`, once it is there.
    pub fn find(&self, testid: &str) -> Element<'_> {
        self.css(&format!("[data-testid=\"{testid}\"]"))
    }

    /// Whether there is such an element now.
    pub fn has(&self, testid: &str) -> bool {
        !self.all(&format!("[data-testid=\"{testid}\"]")).is_empty()
    }

    /// Clicks the element with that `data-testid`, once it is there and can be clicked.
    pub fn click(&self, testid: &str) {
        self.until(format!("{testid} to be clicked"), || {
            let element = self.find(testid);
            (element.is_enabled() && element.try_click().is_ok()).then_some(())
        });
    }

    /// Replaces what an input holds by typing.
    pub fn fill(&self, testid: &str, text: &str) {
        self.until(format!("{testid} to be filled"), || {
            let input = self.find(testid);
            (input.try_clear().is_ok() && input.try_type(text).is_ok()).then_some(())
        });
    }

    /// Types into an input and presses Enter.
    pub fn enter(&self, testid: &str, text: &str) {
        self.fill(testid, text);
        self.find(testid).try_type(ENTER).unwrap();
    }

    /// Waits until the element's text is this one, message isolation aside.
    pub fn expect(&self, testid: &str, text: &str) {
        self.until(format!("{testid} to say {text:?}"), || {
            (self.find(testid).try_text().ok()? == text).then_some(())
        });
    }

    /// Presses at a point of the window, moves along the others, lets go at the last one. Each
    /// stretch is walked in steps, as a hand would.
    pub fn drag(&self, points: &[(f64, f64)]) {
        let mut actions = Vec::new();
        let move_to = |(x, y): (f64, f64), time: u32| {
            json!({"type": "pointerMove", "duration": time, "origin": "viewport",
                "x": x.round() as i64, "y": y.round() as i64})
        };
        actions.push(move_to(points[0], 0));
        actions.push(json!({"type": "pointerDown", "button": 0}));
        for pair in points.windows(2) {
            for step in 1..=8 {
                let part = f64::from(step) / 8.0;
                let along = |a: f64, b: f64| a + (b - a) * part;
                let at = (along(pair[0].0, pair[1].0), along(pair[0].1, pair[1].1));
                actions.push(move_to(at, 16));
            }
        }
        actions.push(json!({"type": "pointerUp", "button": 0}));
        self.act(json!({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions}));
    }

    /// Clicks twice at a point of the window.
    pub fn double_click(&self, (x, y): (f64, f64)) {
        let mut actions = vec![json!({"type": "pointerMove", "duration": 0, "origin": "viewport",
            "x": x.round() as i64, "y": y.round() as i64})];
        for _ in 0..2 {
            actions.push(json!({"type": "pointerDown", "button": 0}));
            actions.push(json!({"type": "pointerUp", "button": 0}));
        }
        self.act(json!({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions}));
    }

    /// Presses keys in the page, each alone, with `held` down.
    pub fn press(&self, held: &[&str], keys: &[&str]) {
        let mut actions: Vec<Value> = Vec::new();
        actions.extend(held.iter().map(|key| json!({"type": "keyDown", "value": key})));
        for key in keys {
            actions.push(json!({"type": "keyDown", "value": key}));
            actions.push(json!({"type": "keyUp", "value": key}));
        }
        actions.extend(held.iter().rev().map(|key| json!({"type": "keyUp", "value": key})));
        self.act(json!({"type": "key", "id": "keyboard", "actions": actions}));
    }

    fn act(&self, source: Value) {
        self.client.post("/actions", json!({"actions": [source]})).unwrap();
    }

    /// Runs a script in the page.
    pub fn script(&self, script: &str, arguments: Value) -> Value {
        self.client
            .post("/execute/sync", json!({"script": script, "args": arguments}))
            .unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Runs a script that answers by calling its last argument.
    pub fn wait(&self, script: &str, arguments: Value) -> Value {
        self.client
            .post("/execute/async", json!({"script": script, "args": arguments}))
            .unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Calls a command of the core, to look at what is stored, past all screens.
    pub fn core(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        const CALL: &str = "const [command, given, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, given)
                .then((value) => done({ value: value ?? null }), (error) => done({ error }));";
        let mut answer = self.wait(CALL, json!([command, arguments]));
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["value"].take()),
        }
    }

    /// Writes what the window shows as a PNG.
    pub fn screenshot(&self, file: &Path) {
        let Ok(Value::String(text)) = self.client.get("/screenshot") else { return };
        let _ = std::fs::write(file, base64(&text));
    }

    /// Closes the window the ordinary way.
    pub fn close(&self) {
        let _ = self.client.send("DELETE", "", None);
    }
}

impl Element<'_> {
    fn path(&self, rest: &str) -> String {
        format!("/element/{}/{rest}", self.id)
    }

    pub fn try_click(&self) -> Result<Value, String> {
        self.page.client.post(&self.path("click"), json!({}))
    }

    pub fn try_clear(&self) -> Result<Value, String> {
        self.page.client.post(&self.path("clear"), json!({}))
    }

    pub fn try_type(&self, text: &str) -> Result<Value, String> {
        self.page.client.post(&self.path("value"), json!({"text": text}))
    }

    /// Its visible text without the marks around inserted values (U+2068, U+2069).
    pub fn try_text(&self) -> Result<String, String> {
        let text = self.page.client.get(&self.path("text"))?;
        Ok(text
            .as_str()
            .unwrap_or_default()
            .replace(['\u{2068}', '\u{2069}'], "")
            .trim()
            .to_owned())
    }

    pub fn text(&self) -> String {
        self.try_text().unwrap()
    }

    pub fn attribute(&self, name: &str) -> Option<String> {
        let value = self.page.client.get(&self.path(&format!("attribute/{name}"))).ok()?;
        value.as_str().map(Into::into)
    }

    pub fn is_enabled(&self) -> bool {
        self.page.client.get(&self.path("enabled")).is_ok_and(|value| value == true)
    }

    /// Left, top, width, height in the window, in CSS pixels.
    pub fn rect(&self) -> [f64; 4] {
        let rect = self.page.script(
            "const r = arguments[0].getBoundingClientRect(); return [r.left, r.top, r.width, r.height]",
            json!([{ELEMENT: self.id}]),
        );
        serde_json::from_value(rect).unwrap_or_else(|_| panic!("{} has no place", self.what))
    }

    /// The point at those fractions of its width and height.
    pub fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let [left, top, width, height] = self.rect();
        (left + width * x, top + height * y)
    }
}

/// RFC 4648 section 4, of what the driver sends.
fn base64(text: &str) -> Vec<u8> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => Some(u32::from(c - b'A')),
        b'a'..=b'z' => Some(u32::from(c - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(c - b'0') + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for value in text.bytes().filter_map(digit) {
        bits = (bits << 6) | value;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    bytes
}
