// The keyboard: one table of keys, what they say they do, and what they do.

/** Has keys act, and lists them in a dialog that `help` opens; `keys` are `{name, says, acts(key)}`. */
export function listenToKeys(keys, { dialog, list, help, close }) {
  list.replaceChildren(...keys.flatMap(({ shown, says }) => [withText("dt", shown), withText("dd", says)]));
  help.addEventListener("click", () => dialog.showModal());
  close.addEventListener("click", () => dialog.close());

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const control = event.ctrlKey || event.metaKey;
    const key = keys.find((one) => one.test?.(event.key) && Boolean(one.control) === control);
    if (!key) return;
    event.preventDefault();
    key.acts(event.key);
  });
}

/** Returns a test for one of some keys, capital or not. */
export function anyOf(...names) {
  return (key) => names.includes(key.toLowerCase());
}

function withText(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
