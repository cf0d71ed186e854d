"""Loads a COCO instances file with pycocotools and says what it sees, as JSON on standard output.

    python formats_coco_check.py coco.json [--native native.json]

Counts images, categories and annotations, and checks every annotation: its box and area as
pycocotools computes them from the geometry. With the native file of the same export, every mask is
compared pixel by pixel with the polygon that it was made of (the rule: a pixel belongs to an area
where its centre lies inside the outer ring and in no hole, each ring by the even-odd rule).

Exit code 0 where everything agrees, 1 where something does not; the JSON names it.
"""

import argparse
import contextlib
import json
import math
import sys

import numpy as np
from pycocotools import mask as masks
from pycocotools.coco import COCO


def shoelace(ring):
    x, y = np.array(ring[0::2]), np.array(ring[1::2])
    x, y = x - x[0], y - y[0]
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def inside(ring, xs, ys):
    """Even-odd membership of the points (xs x ys); a point on an edge is right of and below it."""
    result = np.zeros((len(ys), len(xs)), dtype=bool)
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1]):
        if ax > bx:
            ax, ay, bx, by = bx, by, ax, ay
        columns = (ax <= xs) & (xs < bx)
        if columns.any():
            crossing = ay + (xs[columns] - ax) * ((by - ay) / (bx - ax))
            result[:, columns] ^= crossing[None, :] <= ys[:, None]
    return result


def to_stored(points, image):
    """From the upright frame to the stored one (Exif 2.32, tag 274)."""
    w, h = image["stored_width"], image["stored_height"]
    turn = {
        1: lambda x, y: (x, y), 2: lambda x, y: (w - x, y), 3: lambda x, y: (w - x, h - y),
        4: lambda x, y: (x, h - y), 5: lambda x, y: (y, x), 6: lambda x, y: (y, h - x),
        7: lambda x, y: (w - y, h - x), 8: lambda x, y: (w - y, x),
    }[image["orientation"]]
    return [turn(x, y) for x, y in points]


class Check:
    def __init__(self, path, native):
        with contextlib.redirect_stdout(sys.stderr):
            self.coco = COCO(path)
        self.native = native
        self.problems = []
        self.seen = {"boxes": 0, "polygons": 0, "masks": 0, "masks_compared": 0}
        self.area = {"boxes": 0.0, "polygons": 0.0, "masks": 0.0}
        self.drawn = 0.0

    def problem(self, annotation, what):
        self.problems.append(f"annotation {annotation['id']}: {what}")

    def run(self):
        for annotation in self.coco.loadAnns(self.coco.getAnnIds()):
            segmentation = annotation["segmentation"]
            if segmentation == []:
                self.box(annotation)
            elif isinstance(segmentation, list):
                self.polygon(annotation, segmentation)
            else:
                self.mask(annotation)

    def near(self, annotation, what, ours, theirs):
        if not math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9):
            self.problem(annotation, f"{what} is {ours}, pycocotools and numpy say {theirs}")

    def box(self, annotation):
        self.seen["boxes"] += 1
        self.area["boxes"] += annotation["area"]
        self.near(annotation, "area", annotation["area"], annotation["bbox"][2] * annotation["bbox"][3])
        # The box survives pycocotools' own way of reading results.
        x, y, w, h = annotation["bbox"]
        self.near(annotation, "overlap with itself", 1.0, float(masks.iou([[x, y, w, h]], [[x, y, w, h]], [0])[0][0]))

    def polygon(self, annotation, rings):
        self.seen["polygons"] += 1
        self.area["polygons"] += annotation["area"]
        self.near(annotation, "area", annotation["area"], sum(shoelace(ring) for ring in rings))
        xs, ys = rings[0][0::2], rings[0][1::2]
        drawn = float(masks.area(self.coco.annToRLE(annotation)))
        self.drawn += drawn
        image = self.coco.loadImgs(annotation["image_id"])[0]
        within = min(xs) >= 0 and min(ys) >= 0 and max(xs) <= image["width"] and max(ys) <= image["height"]
        # What pycocotools draws differs by at most one pixel along the outline.
        outline = sum(math.dist(a, b) for a, b in zip(zip(xs, ys), zip(xs[1:] + xs[:1], ys[1:] + ys[:1])))
        if within and abs(drawn - annotation["area"]) > outline + 1:
            self.problem(annotation, f"area is {annotation['area']}, pycocotools draws {drawn} pixels")
        for ours, theirs in zip(annotation["bbox"], [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]):
            self.near(annotation, "bbox", ours, theirs)

    def mask(self, annotation):
        self.seen["masks"] += 1
        self.area["masks"] += annotation["area"]
        image = self.coco.loadImgs(annotation["image_id"])[0]
        rle = self.coco.annToRLE(annotation)
        self.near(annotation, "area", annotation["area"], float(masks.area(rle)))
        pixels = masks.decode(rle).astype(bool)
        if pixels.shape != (image["height"], image["width"]):
            self.problem(annotation, f"the mask has {pixels.shape}, the image {image['height']} x {image['width']}")
            return
        counts = annotation["segmentation"]["counts"]
        if sum(counts) != image["height"] * image["width"] or annotation["iscrowd"] != 0:
            self.problem(annotation, "its runs do not fill the image, or it is a crowd")
        if not self.native:
            return
        source = self.native["annotations"][annotation["id"]]
        item = self.native["items"][source["item"]]
        frame = self.coco.dataset["info"]["vaultmark"]["frame"]
        turn = (lambda ring: to_stored(ring, item["image"])) if frame == "stored" else (lambda ring: [tuple(p) for p in ring])
        xs = np.arange(image["width"]) + 0.5
        ys = np.arange(image["height"]) + 0.5
        wanted = inside(turn(source["shape"]["outer"]), xs, ys)
        for hole in source["shape"]["holes"]:
            wanted &= ~inside(turn(hole), xs, ys)
        self.seen["masks_compared"] += 1
        if not np.array_equal(wanted, pixels):
            self.problem(annotation, f"{int((wanted != pixels).sum())} pixels differ from its polygon")

    def result(self):
        names = {c["id"]: c["name"] for c in self.coco.loadCats(self.coco.getCatIds())}
        by_category = {}
        for annotation in self.coco.dataset["annotations"]:
            name = names[annotation["category_id"]]
            by_category[name] = by_category.get(name, 0) + 1
        exact = self.area["polygons"]
        return {
            "images": len(self.coco.getImgIds()),
            "categories": len(names),
            "annotations": len(self.coco.getAnnIds()),
            "by_category": by_category,
            **self.seen,
            "area": self.area,
            "polygons_drawn_relative": abs(self.drawn - exact) / exact if exact else 0.0,
            "problems": len(self.problems),
            "first_problems": self.problems[:20],
        }


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("coco")
    arguments.add_argument("--native")
    arguments = arguments.parse_args()
    native = None
    if arguments.native:
        with open(arguments.native, encoding="utf-8") as file:
            native = json.load(file)
        native = {
            "items": {item["id"]: item for item in native["items"]},
            "annotations": {annotation["number"]: annotation for annotation in native["annotations"]},
        }
    check = Check(arguments.coco, native)
    check.run()
    result = check.result()
    json.dump(result, sys.stdout, indent=1)
    print()
    return 1 if result["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
