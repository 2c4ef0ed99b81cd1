// The page: what is shown and read is one scene, and everything on the page follows from it and from its answer.

import { makeAnswer } from "./answer.js";
import { fetchModel, keepExample, predict } from "./api.js";
import { showBoxes } from "./boxes.js";
import { makeCamera } from "./camera.js";
import { leaves, makePaper, PAPER } from "./draw.js";
import { anyOf, listenToKeys } from "./keys.js";
import { newestWins } from "./newest.js";
import { acceptPictures, hidePicture, showPicture } from "./picture.js";
import { inputAsPng } from "./seen.js";
import { digitsOf, turnAdvised } from "./words.js";

const place = (id) => document.getElementById(id);
const onClick = (id, act) => place(id).addEventListener("click", act);
const [stage, photo, video] = ["stage", "photo", "video"].map(place);
const NO_CAMERA = "No camera: there is none, or the browser does not allow it. Choose a picture instead.";

const PAPER_SCENE = { file: null, turned: 0, size: PAPER, note: "" };
let scene = { ...PAPER_SCENE }; // replaced, never changed: an answer to another one comes too late
let answer = null;
let chosen = null; // the digit of the answer that the bars are of
let kept = new Map(); // labels of corrected digits, by their index

const paper = makePaper(place("paper"), () => (paper.isBlank() ? see(PAPER_SCENE) : read()));
const camera = makeCamera({ video, field: place("shot"), take, changed: filmed, failed: () => notice(NO_CAMERA) });
const oneReading = newestWins((busy) => place("answer").setAttribute("aria-busy", busy));
let showAnswer = makeAnswer({ labels: [..."0123456789"], choose, pick: null });

// ---- from a scene to its answer

/** Shows and reads another scene: paper, or a picture. */
function see(next) {
  scene = { ...next };
  setAnswer(null, scene.note);
  if (scene.file || !paper.isBlank()) read();
}

function read() {
  const seen = scene;
  oneReading(async () => {
    if (seen !== scene) return;
    try {
      const reach = seen.file ? null : paper.reach();
      const picture = seen.file ?? (await paper.picture());
      const { answers, ms } = await predict(picture, { numbers: readsNumbers(), turned: seen.turned, draft: !seen.file });
      if (seen !== scene) return;
      place("latency").textContent = `read in ${Math.round(ms)} ms`;
      const [{ box, lines }] = answers;
      const partial = Boolean(reach && box && !lines && leaves(reach, box));
      const others = answers.length > 1 ? `It holds ${answers.length} pictures; here is the first. ` : "";
      setAnswer({ ...answers[0], partial }, others + seen.note);
    } catch (error) {
      if (seen === scene) setAnswer(null, error.message);
    }
  });
  renderScene();
}

function setAnswer(next, words) {
  answer = next;
  kept = new Map();
  chosen = answer && !answer.digits && answer.label !== null ? 0 : null;
  notice(words);
  render();
}

function choose(index) {
  chosen = index === chosen ? null : index;
  render();
}

/** Keeps the chosen digit as an example of `label`. */
async function correct(label) {
  const digit = answer && digitsOf(answer)[chosen];
  if (!digit) return;
  const [labels, index] = [kept, chosen];
  try {
    await keepExample(await inputAsPng(digit.input), label);
    labels.set(index, label);
    render();
  } catch (error) {
    notice(error.message);
  }
}

// ---- pictures

async function take(file, count = 1) {
  camera.stop();
  const next = { ...PAPER_SCENE, file };
  next.size = await showPicture(photo, file, 0);
  if (!next.size) next.note = "This browser cannot show such a file; it is read all the same.";
  else if (count > 1) next.note = `${count} pictures came; here is the first.`;
  see(next);
}

async function turn(degrees = 90) {
  const next = { ...scene, turned: (scene.turned + degrees) % 360 };
  next.size = await showPicture(photo, scene.file, next.turned);
  see(next);
}

function undo() {
  if (!scene.file && !camera.isFilming()) paper.undo();
}

/** Clears the paper, or goes back to it from a picture. */
function clear() {
  if (camera.isFilming()) return camera.stop();
  if (!scene.file) return paper.clear();
  hidePicture(photo);
  see(PAPER_SCENE);
}

// ---- what is shown

function readsNumbers() {
  return document.querySelector("#mode input:checked").value === "numbers";
}

function readNumbers(yes) {
  document.querySelector(`#mode input[value=${yes ? "numbers" : "digit"}]`).checked = true;
  see(scene);
}

function notice(words) {
  place("notice").textContent = words;
}

function render() {
  renderScene();
  renderAnswer();
}

/** The camera's video started or stopped. */
function filmed() {
  render();
  if (camera.isFilming()) place("take").focus();
}

function renderScene() {
  const filming = camera.isFilming();
  const drawing = !scene.file && !filming;
  stage.className = filming ? "stage filming" : scene.file ? "stage showing" : "stage";
  place("paper").hidden = !drawing;
  photo.hidden = filming || !scene.size || drawing;
  video.hidden = place("shutter").hidden = !filming;
  place("invitation").hidden = !drawing || !paper.isBlank();
  place("invite").textContent = readsNumbers() ? "Write numbers" : "Draw a digit";
  place("undo").hidden = !drawing;
  place("undo").disabled = paper.isBlank();
  place("clear").hidden = filming;
  place("clear").disabled = drawing && paper.isBlank();
  place("clear").textContent = scene.file ? "Back to paper" : "Clear";
  place("turn").hidden = !scene.file || filming;
}

function renderAnswer() {
  place("turn").classList.toggle("strong", Boolean(answer && turnAdvised(answer)));
  place("latency").hidden = !answer;
  renderBoxes();
  showAnswer({ answer, chosen, kept, settled: !paper.isDrawing() });
}

function renderBoxes() {
  const wanted = answer && scene.size && !camera.isFilming() && (scene.file || answer.lines || answer.partial);
  if (wanted) showBoxes(place("boxes"), answer, scene.size, { chosen, choose });
  else place("boxes").replaceChildren();
}

// ---- what people do

place("mode").addEventListener("change", () => see(scene));
onClick("numbers", () => readNumbers(true));
onClick("undo", undo);
onClick("clear", clear);
onClick("turn", () => turn(turnAdvised(answer ?? {}) || 90));
onClick("choose", () => place("file").click());
onClick("camera", camera.use);
onClick("take", camera.use);
onClick("stop", camera.stop);
acceptPictures([place("file"), place("shot")], take);
new ResizeObserver(renderBoxes).observe(stage);

const KEYS = [
  { shown: "Ctrl Z", says: "undo the last stroke", control: true, test: anyOf("z"), acts: undo },
  { shown: "Delete", says: "clear the paper, or go back to it", test: anyOf("delete", "backspace"), acts: clear },
  { shown: "N", says: "one digit or numbers", test: anyOf("n"), acts: () => readNumbers(!readsNumbers()) },
  { shown: "O", says: "choose a picture", test: anyOf("o"), acts: () => place("file").click() },
  { shown: "Ctrl V", says: "paste a picture" },
  { shown: "C", says: "camera, then take the picture", test: anyOf("c"), acts: camera.use },
  { shown: "Esc", says: "camera off", test: anyOf("escape"), acts: camera.stop },
  { shown: "T", says: "turn the picture", test: anyOf("t"), acts: () => scene.file && turn() },
];

/** Makes the page fit the reader that serves it; `about` is null where it does not say. */
function meet(about) {
  const keys = [...KEYS];
  if (about) {
    const keeps = about.collect ? "doubtful digits of pictures are kept to learn from" : "nothing is kept";
    place("facts").textContent = `edgemnist ${about.version} · ${about.precision} · ${about.engine} · ${keeps}`;
    showAnswer = makeAnswer({ labels: about.labels, choose, pick: about.collect ? correct : null });
  }
  if (about?.collect) {
    const acts = (key) => correct(about.labels[key]);
    keys.unshift({ shown: "0 to 9", says: "the chosen digit is this one: keep it", test: (key) => /^\d$/.test(key), acts });
  }
  listenToKeys(keys, { dialog: place("keys"), list: place("key-list"), help: place("help"), close: place("keys-close") });
  render();
}

render();
fetchModel().then(meet, (error) => {
  meet(null);
  notice(error.message);
});
