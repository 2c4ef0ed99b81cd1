// Paper: strokes of a mouse, a pen or a finger, kept as points so that they can be undone, repainted and sent.

export const PAPER = { width: 640, height: 512 }; // units of the points, pixels of the picture that is sent
const PEN = 12; // units, whatever the pressure

/** Returns the paper on a canvas; `changed` is called while and after each stroke, undo and clear. */
export function makePaper(canvas, changed) {
  const strokes = [];
  let pen = null; // the pointer that draws

  function point(event) {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [((event.clientX - left) * PAPER.width) / width, ((event.clientY - top) * PAPER.height) / height];
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (pen !== null || event.button !== 0) return;
    event.preventDefault();
    pen = event.pointerId;
    canvas.setPointerCapture(pen);
    strokes.push([point(event)]);
    update();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pen) return;
    const events = event.getCoalescedEvents?.() ?? [];
    strokes.at(-1).push(...(events.length ? events : [event]).map(point));
    update();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (event.pointerId !== pen) return;
      pen = null;
      update();
    });
  }

  let painting = 0;
  function repaint() {
    cancelAnimationFrame(painting);
    painting = requestAnimationFrame(() => {
      const context = canvas.getContext("2d");
      const scale = canvas.width / PAPER.width;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.setTransform(scale, 0, 0, scale, 0, 0);
      trace(context, strokes, getComputedStyle(canvas).color);
    });
  }

  function update() {
    repaint();
    changed();
  }

  new ResizeObserver(() => {
    canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
    canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
    repaint();
  }).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

  return {
    isBlank: () => strokes.length === 0,
    isDrawing: () => pen !== null,
    undo() {
      pen = null;
      strokes.pop();
      update();
    },
    clear() {
      pen = null;
      strokes.length = 0;
      update();
    },
    picture: () => asPng(strokes),
    reach: () => reachOf(strokes.flat()),
  };
}

/** Returns whether ink that reaches so far, as `reach` says, leaves a box by more than a pen's width. */
export function leaves([left, top, right, bottom], box) {
  return left < box[0] - PEN || top < box[1] - PEN || right > box[2] + PEN || bottom > box[3] + PEN;
}

/** Returns left, top, right and bottom of points. */
function reachOf(points) {
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** Returns strokes as a PNG, black on white. */
function asPng(strokes) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, PAPER);
  const context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  trace(context, strokes, "black");
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** Draws strokes as curves through the middles between their points. */
function trace(context, strokes, color) {
  Object.assign(context, { strokeStyle: color, lineWidth: PEN, lineCap: "round", lineJoin: "round" });
  for (const [start, ...points] of strokes) {
    context.beginPath();
    context.moveTo(...start);
    let [x, y] = start;
    for (const [nextX, nextY] of points) {
      context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
      [x, y] = [nextX, nextY];
    }
    context.lineTo(x, y);
    context.stroke();
  }
}
