//! Renders `docs-offline/` into the program: each page as HTML, and its sections as plain text for
//! the search and the command line. A page that is not in `contents.md`, a link that leads nowhere
//! and raw HTML fail the build, so the manual inside the program is whole and inert.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let docs = root.join("docs-offline");
    println!("cargo::rerun-if-changed=docs-offline");
    println!("cargo::rerun-if-changed=build.rs");
    let order = contents(&docs)?;
    let mut pages = BTreeMap::new();
    for slug in &order {
        let text = fs::read_to_string(docs.join(format!("{slug}.md")))
            .map_err(|e| format!("docs-offline/{slug}.md: {e}"))?;
        pages.insert(slug.clone(), render(slug, &text)?);
    }
    refuse_strays(&docs, &order)?;
    refuse_dead_links(&pages)?;
    let list: Vec<_> = order.iter().filter_map(|slug| pages.get(slug)).map(Page::to_json).collect();
    fs::write(Path::new(&env::var("OUT_DIR")?).join("manual.json"), serde_json::to_vec(&list)?)?;
    Ok(())
}

/// The pages in reading order: the targets of the links in `contents.md`.
fn contents(docs: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let text = fs::read_to_string(docs.join("contents.md"))?;
    Ok(Parser::new(&text)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                dest_url.strip_suffix(".md").map(str::to_owned)
            }
            _ => None,
        })
        .collect())
}

fn refuse_strays(docs: &Path, order: &[String]) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(docs)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let Some(slug) = name.strip_suffix(".md") else { continue };
        if slug != "contents" && !order.iter().any(|known| known == slug) {
            return Err(format!("docs-offline/{name} is not in contents.md").into());
        }
    }
    Ok(())
}

struct Section {
    anchor: String,
    heading: String,
    text: String,
}

struct Page {
    slug: String,
    title: String,
    html: String,
    sections: Vec<Section>,
    links: Vec<String>,
    source: String,
}

impl Page {
    fn to_json(&self) -> serde_json::Value {
        let sections: Vec<_> = self
            .sections
            .iter()
            .map(|s| json!({"anchor": s.anchor, "heading": s.heading, "text": s.text.trim()}))
            .collect();
        json!({
            "slug": self.slug, "title": self.title, "html": self.html,
            "sections": sections, "source": self.source,
        })
    }
}

/// Turns one page into HTML with an id on every heading, and into its sections.
fn render(slug: &str, source: &str) -> Result<Page, Box<dyn Error>> {
    let mut page = Page {
        slug: slug.to_owned(),
        title: String::new(),
        html: String::new(),
        sections: Vec::new(),
        links: Vec::new(),
        source: source.to_owned(),
    };
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events: Vec<Event> = Parser::new_ext(source, options).collect();
    let mut out = Vec::with_capacity(events.len());
    let mut heading: Option<(HeadingLevel, String)> = None;
    let mut at = 0;
    while at < events.len() {
        match &events[at] {
            Event::Html(raw) | Event::InlineHtml(raw) => {
                return Err(format!("docs-offline/{slug}.md holds raw HTML: {raw}").into());
            }
            Event::Start(Tag::Heading { level, .. }) => {
                let text: String = events[at + 1..]
                    .iter()
                    .take_while(|e| !matches!(e, Event::End(TagEnd::Heading(_))))
                    .filter_map(text_of)
                    .collect();
                let anchor = anchor_of(&text);
                if page.sections.iter().any(|s| s.anchor == anchor) {
                    return Err(format!("docs-offline/{slug}.md has two headings `{text}`").into());
                }
                if *level == HeadingLevel::H1 {
                    page.title.clone_from(&text);
                }
                out.push(Event::Start(Tag::Heading {
                    level: *level,
                    id: Some(CowStr::from(anchor.clone())),
                    classes: vec![],
                    attrs: vec![],
                }));
                page.sections.push(Section { anchor, heading: text.clone(), text: String::new() });
                heading = Some((*level, text));
            }
            Event::End(TagEnd::Heading(level)) => {
                heading = None;
                out.push(Event::End(TagEnd::Heading(*level)));
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                page.links.push(dest_url.to_string());
                out.push(Event::Start(Tag::Link {
                    link_type: *link_type,
                    dest_url: CowStr::from(inner_link(slug, dest_url)),
                    title: title.clone(),
                    id: id.clone(),
                }));
            }
            event => {
                if heading.is_none()
                    && let Some(section) = page.sections.last_mut()
                {
                    match event {
                        Event::End(
                            TagEnd::Paragraph
                            | TagEnd::Item
                            | TagEnd::TableCell
                            | TagEnd::TableRow
                            | TagEnd::CodeBlock,
                        ) => {
                            section.text.push(' ');
                        }
                        other => section.text.extend(text_of(other)),
                    }
                }
                out.push(event.clone());
            }
        }
        at += 1;
    }
    if page.title.is_empty() {
        return Err(format!("docs-offline/{slug}.md has no title").into());
    }
    html::push_html(&mut page.html, out.into_iter());
    Ok(page)
}

/// `page.md#part` becomes `#/page/part`: the reader inside the program follows it, nothing else can.
fn inner_link(slug: &str, target: &str) -> String {
    let (file, part) = target.split_once('#').unwrap_or((target, ""));
    let page = if file.is_empty() { slug } else { file.trim_end_matches(".md") };
    let mut link = format!("#/{page}");
    if !part.is_empty() {
        let _ = write!(link, "/{part}");
    }
    link
}

fn refuse_dead_links(pages: &BTreeMap<String, Page>) -> Result<(), Box<dyn Error>> {
    for page in pages.values() {
        for link in &page.links {
            let (file, part) = link.split_once('#').unwrap_or((link, ""));
            let slug =
                if file.is_empty() { page.slug.as_str() } else { file.trim_end_matches(".md") };
            let found = pages.get(slug).is_some_and(|target| {
                part.is_empty() || target.sections.iter().any(|s| s.anchor == part)
            });
            if !found {
                return Err(format!(
                    "docs-offline/{}.md links to `{link}`, which is not there",
                    page.slug
                )
                .into());
            }
        }
    }
    Ok(())
}

fn text_of(event: &Event) -> Option<String> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text.to_string()),
        Event::SoftBreak | Event::HardBreak => Some(" ".into()),
        _ => None,
    }
}

/// Lower case, letters and digits kept, everything else one hyphen.
fn anchor_of(heading: &str) -> String {
    let mut anchor = String::new();
    for c in heading.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            anchor.push(c);
        } else if !anchor.ends_with('-') && !anchor.is_empty() {
            anchor.push('-');
        }
    }
    anchor.trim_end_matches('-').to_owned()
}
