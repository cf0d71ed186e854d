use std::sync::Arc;
use std::time::Instant;
use vaultmark_crypto::*;
use vaultmark_model::annotation::AnnotationBody;
use vaultmark_model::change::*;
use vaultmark_model::item::ItemBody;
use vaultmark_model::label::LabelBody;
use vaultmark_model::shape::BoundingBox;
use vaultmark_model::*;
use vaultmark_store::project::*;
use vaultmark_store::*;

fn rss() -> u64 {
    let s = std::fs::read_to_string("/proc/self/status").unwrap();
    let f = |k: &str| s.lines().find(|l| l.starts_with(k)).unwrap().split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024;
    f("VmHWM")
}
fn cpu() -> f64 { let s = std::fs::read_to_string("/proc/self/stat").unwrap(); let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect(); (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0 }
fn id() -> [u8; 16] { let mut b = [0; 16]; SystemEntropy.fill(&mut b).unwrap(); b }

fn main() {
    let dir = tempfile::tempdir_in("/root/.cache").unwrap();
    let items_n: usize = std::env::args().nth(1).map_or(5000, |a| a.parse().unwrap());
    let shuffled = std::env::args().nth(2).is_some();
    let ambient = Ambient::system();
    let policy = vaultmark_model::policy::Policy::new(Marking::new("U").unwrap(), vaultmark_model::policy::ExportPolicy::Single);
    let (vault, _) = LockedVault::create(&dir.path().join("v"), NewVault { officer: "o".into(), passphrase: Passphrase::new("correct horse battery".into()), policy, kdf: KdfParameters::floor_argon2id() }, ambient.clone()).unwrap();
    let p = vault.create_project("p", Marking::new("U").unwrap()).unwrap();
    println!("start hwm {} MiB", rss());
    let t = Instant::now();
    let mut b = p.batch("import").unwrap();
    let mut labels = vec![];
    for n in 0..80 { let l = LabelId::from_bytes(id()); labels.push(l);
        b.push(Edit { subject: Subject::Label(l), part: Part::Whole, value: Value::Label(Box::new(LabelBody { name: format!("l{n}"), color: Color([0; 3]), key: None, number: 0 })) }).unwrap(); }
    let mut items = vec![];
    for n in 0..items_n { let i = ItemId::from_bytes(id()); items.push(i);
        let body = ItemBody { path: ItemPath::new(format!("train/images/{n:08}.jpg").into_bytes()).unwrap(), content: sha512(&n.to_le_bytes()), crc32: 0, size: 100000, facts: ImageFacts { format: MediaFormat::Jpeg, stored_width: 640, stored_height: 480, orientation: 1, bands: 3, sample: SampleFormat::U8 }, number: 0 };
        b.push(Edit { subject: Subject::Item(i), part: Part::Whole, value: Value::Item(Box::new(body)) }).unwrap(); }
    b.finish().unwrap();
    println!("{items_n} items {:?}", t.elapsed());
    const N: usize = 500_000;
    let make = |k: usize| {
        let at = if shuffled { k.wrapping_mul(7919) % items.len() } else { k * items.len() / N };
        AnnotationBody { item: items[at], label: labels[(k * 31) % 80], shape: Shape::Box(BoundingBox { x: k as f64 * 0.37, y: 3.25, width: 10.5, height: 20.125 }), z_order: 0, source: Source::Import { format: "coco".into() } }
    };
    // bare baseline: the same payload as one row
    let key = Key::random(&SystemEntropy).unwrap();
    const SCHEMA: sqlite::Schema = sqlite::Schema { role: "t", migrations: &[sqlite::Migration { version: 1, sql: "CREATE TABLE a (id BLOB PRIMARY KEY, item BLOB NOT NULL, label BLOB NOT NULL, shape BLOB NOT NULL, z INTEGER, source TEXT);" }] };
    {
        use vaultmark_model::canonical::Canonical;
        let db = sqlite::create(&dir.path().join("bare.db"), &key, &SCHEMA).unwrap();
        let t = Instant::now(); let c = cpu();
        db.execute_batch("BEGIN").unwrap();
        { let mut s = db.prepare("INSERT INTO a VALUES (?1,?2,?3,?4,?5,?6)").unwrap();
          for k in 0..N { let a = make(k); s.execute((id(), a.item.as_bytes(), a.label.as_bytes(), Canonical::to_bytes(&a.shape), a.z_order, "coco")).unwrap(); } }
        db.execute_batch("COMMIT").unwrap();
        println!("bare one-table insert {:?} cpu {:.2}", t.elapsed(), cpu() - c);
    }
    let t = Instant::now(); let c = cpu();
    let mut b = p.batch("import").unwrap();
    for k in 0..N { b.push(Edit { subject: Subject::Annotation(AnnotationId::from_bytes(id())), part: Part::Whole, value: Value::Annotation(Box::new(make(k))) }).unwrap(); }
    let pushed = t.elapsed();
    b.finish().unwrap();
    println!("batch {N}: {:?} (pushed {:?}) hwm {} MiB cpu {:.2}", t.elapsed(), pushed, rss(), cpu() - c);
    let t = Instant::now(); let c = cpu();
    let mut n = 0;
    p.each_annotation::<StoreError>(&mut |_, _, a| { n += usize::from(a.flagged) + 1; Ok(()) }).unwrap();
    println!("each_annotation {n} {:?} cpu {:.2}", t.elapsed(), cpu() - c);
    let t = Instant::now();
    let mut n = 0;
    p.each_change::<StoreError>(Disclosure::Current, &mut |_, l| { n += l.count(); Ok(()) }).unwrap();
    println!("each_change {n} {:?}", t.elapsed());
    // durable edits
    let db = sqlite::open(&dir.path().join("bare.db"), &key, &SCHEMA).unwrap();
    let mut bare = vec![]; let mut ours = vec![]; let mut moves = vec![];
    for k in 0..200 {
        let t = Instant::now();
        db.execute("INSERT INTO a VALUES (?1,?2,?2,?2,0,'x')", (id(), id())).unwrap();
        bare.push(t.elapsed());
        let a = AnnotationId::from_bytes(id());
        let body = make(k);
        let t = Instant::now();
        p.commit("box", vec![Edit { subject: Subject::Annotation(a), part: Part::Whole, value: Value::Annotation(Box::new(body)) }]).unwrap();
        ours.push(t.elapsed());
        let t = Instant::now();
        p.commit("move", vec![Edit { subject: Subject::Annotation(a), part: Part::Geometry, value: Value::Shape(Shape::Box(BoundingBox { x: 1.0, y: 2.0, width: 3.0, height: 4.0 })) }]).unwrap();
        moves.push(t.elapsed());
    }
    for (n, v) in [("bare", &mut bare), ("create", &mut ours), ("move", &mut moves)] { v.sort(); println!("commit {n}: p50 {:?} p95 {:?}", v[100], v[190]); }
    let t = Instant::now();
    for _ in 0..20 { p.undo().unwrap(); }
    println!("20 undo {:?}", t.elapsed());
    for q in [ItemQuery { limit: 100, ..Default::default() }, ItemQuery { limit: 100, offset: items_n as u64 - 100, ..Default::default() }, ItemQuery { limit: 100, text: Some("99".into()), ..Default::default() }, ItemQuery { limit: 100, label: Some(labels[3]), ..Default::default() }, ItemQuery { limit: 100, state: Some(ItemState::New), ..Default::default() }, ItemQuery { limit: 100, sort: Sort::Annotations, descending: true, ..Default::default() }, ItemQuery { limit: 100, folder: Some("train".into()), ..Default::default() }] {
        let t = Instant::now();
        let page = p.items(&q).unwrap();
        println!("items total {} {:?}", page.total, t.elapsed());
    }
    let t = Instant::now(); println!("counts {:?} {:?}", p.counts().unwrap().annotations, t.elapsed());
    let t = Instant::now(); println!("folders {:?} {:?}", p.folders().unwrap().len(), t.elapsed());
    let t = Instant::now(); println!("item_ids {:?} {:?}", p.item_ids(&ItemQuery::default()).unwrap().len(), t.elapsed());
    let t = Instant::now(); println!("annotations of one {:?} {:?}", p.annotations(items[3]).unwrap().len(), t.elapsed());
    println!("hwm {} MiB", rss());
    let t = Instant::now();
    let u = work::Work::quiet(|w| p.check(w)).unwrap();
    println!("check {} findings {:?}", u.findings.len(), t.elapsed());
    println!("hwm {} MiB", rss());
    let _ = Arc::strong_count(&p);
}
