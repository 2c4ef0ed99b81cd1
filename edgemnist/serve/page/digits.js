// The digits of a picture of numbers, as a list to choose from.

import { paintInput } from "./seen.js";
import { percent } from "./words.js";

/** Shows digits in a list, the chosen one marked, those that were corrected with the label that was kept. */
export function showDigits(list, digits, { chosen, kept, choose }) {
  const focused = [...list.children].findIndex((item) => item.contains(document.activeElement));
  list.replaceChildren(...digits.map((digit, index) => asItem(digit, index === chosen, kept.get(index), () => choose(index))));
  list.children[focused]?.firstChild.focus();
}

function asItem(digit, isChosen, keptAs, choose) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "chip";
  button.classList.toggle("doubtful", digit.status === "doubtful");
  button.setAttribute("aria-pressed", isChosen);
  if (digit.doubt) button.title = `Doubtful: ${digit.doubt}`;
  button.addEventListener("click", choose);

  const picture = document.createElement("canvas");
  paintInput(picture, digit.input);
  const label = document.createElement("b");
  label.textContent = keptAs ?? digit.label ?? "?";
  const sure = document.createElement("small");
  const doubt = digit.status === "doubtful" ? "doubtful " : "";
  sure.textContent = keptAs ? "kept" : `${doubt}${percent(digit.confidence)}`;
  button.append(picture, label, sure);

  const item = document.createElement("li");
  item.append(button);
  return item;
}
