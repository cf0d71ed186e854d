//! Files that tests make: pictures, COCO files.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::Dice;

/// A PNG of RGB pixels, each given by its place.
pub fn png(width: u32, height: u32, mut pixel: impl FnMut(u32, u32) -> [u8; 3]) -> Vec<u8> {
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::fast());
    for y in 0..height {
        rows.write_all(&[0]).unwrap();
        for x in 0..width {
            rows.write_all(&pixel(x, y)).unwrap();
        }
    }
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut file, b"IHDR", &header);
    chunk(&mut file, b"IDAT", &rows.finish().unwrap());
    chunk(&mut file, b"IEND", &[]);
    file
}

/// Appends a chunk of a PNG.
pub fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], body: &[u8]) {
    file.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
    let start = file.len();
    file.extend(kind);
    file.extend(body);
    file.extend(crc32fast::hash(&file[start..]).to_be_bytes());
}

/// A picture that no other is like.
pub fn noise(width: u32, height: u32, seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    png(width, height, |_, _| {
        let bytes = dice.next().to_le_bytes();
        [bytes[0], bytes[1], bytes[2]]
    })
}

/// A COCO file with boxes spread over images of 64 x 48 pixels.
pub fn coco(images: &[&str], labels: &[&str], boxes: usize) -> String {
    let list =
        |n: usize, one: &dyn Fn(usize) -> serde_json::Value| (0..n).map(one).collect::<Vec<_>>();
    let value = serde_json::json!({
        "images": list(images.len(), &|n| serde_json::json!({
            "id": n + 1, "file_name": images[n], "width": 64, "height": 48})),
        "categories": list(labels.len(), &|n| serde_json::json!({"id": n + 1, "name": labels[n]})),
        "annotations": list(boxes, &|n| serde_json::json!({
            "id": n + 1, "image_id": n % images.len() + 1, "category_id": n % labels.len() + 1,
            "bbox": [n % 40, n % 30, 10.5, 7.25], "area": 76.125, "iscrowd": 0, "segmentation": []})),
    });
    serde_json::to_string_pretty(&value).unwrap()
}
