// The answer beside the picture: what was read and how sure, what the model saw, ten bars.

import { makeBars } from "./bars.js";
import { showDigits } from "./digits.js";
import { paintInput } from "./seen.js";
import { digitsOf, sureness, textOf } from "./words.js";

const place = (id) => document.getElementById(id);

/** Returns a function that shows an answer or null, with a bar for each of the labels; `choose` is called with the index
 * of a digit, `pick` with the right label of the chosen one, and is null where nothing is kept. */
export function makeAnswer({ labels, choose, pick }) {
  const showBars = makeBars(place("bars"), labels, pick);

  return function show({ answer, chosen, kept, settled }) {
    const digits = answer ? digitsOf(answer) : [];
    const digit = digits[chosen] ?? null;
    const text = answer ? textOf(answer) : "";

    place("headline").textContent = text;
    place("headline").hidden = text === "";
    place("headline").className = headlineClass(answer, text);
    place("sure").textContent = answer ? sureness(answer) : "";
    place("intro").hidden = answer !== null;
    place("numbers").hidden = answer?.status !== "several" && !answer?.partial;
    place("digits").hidden = !answer?.digits;
    if (answer?.digits) showDigits(place("digits"), digits, { chosen, kept, choose });
    place("seen").hidden = !digit;
    if (digit) paintInput(place("input"), digit.input);
    showBars(digit && digit.top, digit && digit.label, kept.get(chosen));
    place("bars").classList.toggle("unsure", digit?.status === "doubtful");
    place("hint").textContent = hint(answer, digit, kept.get(chosen), pick !== null);
    if (settled) say(answer ? `${text} ${sureness(answer)}` : "");
  };
}

function headlineClass(answer, text) {
  const form = answer?.lines ? "headline lines" : "headline";
  const long = text.length > 24 ? " long" : "";
  return `${form}${long}${answer?.status === "doubtful" ? " doubtful" : ""}`;
}

function hint(answer, digit, label, keeps) {
  if (label) return `Kept as ${label}, to learn from.`;
  if (digit) return keeps ? "Not right? Choose the right digit, and it is kept to learn from." : "";
  if (!answer?.digits) return "";
  return keeps ? "Not right? Choose the digit that is wrong." : "Choose a digit to see how sure the model is of it.";
}

/** Has a screen reader say it, unless it said so just now. */
function say(words) {
  if (place("spoken").textContent !== words) place("spoken").textContent = words;
}
