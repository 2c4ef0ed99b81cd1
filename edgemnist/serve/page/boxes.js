// Lines, words, digits and marks, drawn over the picture that they were read from: the colors of `--save-input`.

const SVG = "http://www.w3.org/2000/svg";
const LETTERS_PX = 15; // on the screen
const AROUND_PX = 3; // between a word's ink and its box

/** Draws what an answer found over a picture of that size; `choose` is called with a digit's index when it is clicked. */
export function showBoxes(svg, answer, size, { chosen, choose }) {
  svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  const { clientWidth, clientHeight } = svg;
  const pixel = Math.max(size.width / clientWidth, size.height / clientHeight); // of the screen, in those of the picture
  const around = AROUND_PX * pixel;
  const shapes = [];
  let digits = 0;

  if (!answer.lines && answer.box) shapes.push(box(answer.box, around, answer.status === "ok" ? "word" : "doubtful"));
  for (const line of answer.lines ?? []) {
    shapes.push(feet(line, around));
    for (const word of line) {
      const read = answer.digits.slice(digits, digits + word.digits.length);
      const sure = read.every(({ status }) => status === "ok") && word.marks.every(({ kind }) => kind);
      shapes.push(box(word.box, around, sure ? "word" : "doubtful"));
      shapes.push(...word.marks.map((mark) => box(mark.box, pixel, mark.kind ? "mark" : "doubtful")));
      shapes.push(...read.map((digit, index) => digitBox(digit, pixel, digits + index, chosen, choose)));
      shapes.push(said(word, sure, around, pixel));
      digits += read.length;
    }
  }
  svg.replaceChildren(...shapes);
}

function digitBox(digit, margin, index, chosen, choose) {
  const made = box(digit.box, margin, digit.status === "ok" ? "digit" : "digit doubtful");
  made.classList.toggle("chosen", index === chosen);
  made.addEventListener("click", () => choose(index));
  return made;
}

function box([left, top, right, bottom], margin, className) {
  return shape("rect", className, {
    x: left - margin,
    y: top - margin,
    width: right - left + 2 * margin,
    height: bottom - top + 2 * margin,
  });
}

/** Returns the line under a line of words. */
function feet(line, margin) {
  const points = line.flatMap(({ box: [left, , right, bottom] }) => [left - margin, bottom + margin, right + margin, bottom + margin]);
  return shape("polyline", "line", { points: points.join(" ") });
}

function said(word, sure, margin, pixel) {
  const [left, top] = word.box;
  const size = LETTERS_PX * pixel;
  const made = shape("text", sure ? "said" : "said doubtful", {
    x: left - margin,
    y: Math.max(size, top - margin - 5 * pixel),
    "font-size": size,
    "stroke-width": 4 * pixel,
  });
  made.textContent = sure ? word.text : `${word.text} ?`;
  return made;
}

function shape(name, className, attributes) {
  const made = document.createElementNS(SVG, name);
  made.setAttribute("class", className);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
