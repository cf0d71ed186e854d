// Every tile of the finest level, each waited for until it is painted; all of it twice, and the second
// time counts.
const COLUMNS = 13;
const ROWS = 9;
const canvas = document.querySelector("canvas").getContext("2d");

async function show(x, y) {
  const tile = new Image();
  tile.src = `media://localhost/0/${x}/${y}`;
  await tile.decode();
  canvas.drawImage(tile, 0, 0);
}

async function all() {
  for (let y = 0; y < ROWS; y += 1) for (let x = 0; x < COLUMNS; x += 1) await show(x, y);
  await new Promise(requestAnimationFrame);
}

function tell(what) {
  new Image().src = `media://localhost/told/${what}`;
}

all()
  .then(() => performance.now())
  .then((start) => all().then(() => tell(Math.round((performance.now() - start) * 1000))))
  .catch(() => tell("failed"));
