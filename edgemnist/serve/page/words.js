// What an answer says, in words.

const NOTHING = {
  blank: "No digit found.",
  several: "Several digits.",
};

/** Returns the digits of an answer, each with the 28x28 bytes (base64) that the model saw of it. */
export function digitsOf(answer) {
  const digits = answer.digits ?? (answer.label === null ? [] : [answer]);
  return digits.map((digit, index) => ({ ...digit, input: answer.inputs[index] }));
}

/** Returns what was read: a digit, or lines of numbers with their marks. */
export function textOf(answer) {
  if (!answer.lines) return answer.label ?? "";
  return answer.lines.map((line) => line.map((word) => word.text).join(" ")).join("\n");
}

/** Returns how sure the reader is, or why there is no answer. */
export function sureness(answer) {
  if (answer.status === "unreadable") return answer.error;
  if (answer.status in NOTHING) return NOTHING[answer.status];
  const confidence = percent(answer.confidence);
  const sure = answer.status === "ok" ? `${confidence} sure` : `Doubtful: ${inPlainWords(answer.doubt)} (${confidence})`;
  return answer.partial ? `${sure}. Ink outside the box is not read.` : sure;
}

/** Returns a probability in percent, rounded down; nothing is ever certain, a 1 is a float's rounding. */
export function percent(probability) {
  return `${(Math.min(999, Math.floor(1000 * probability)) / 10).toFixed(1)} %`;
}

/** Returns the degrees by which a picture should be turned to be surer, or 0. */
export function turnAdvised(answer) {
  return Number(/--rotate (\d+)/.exec(answer.doubt ?? "")?.[1] ?? 0);
}

function inPlainWords(doubt) {
  return doubt.replace(/--rotate (\d+)/, "the picture turned by $1°");
}
