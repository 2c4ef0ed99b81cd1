// The token that a reader may ask for: asked once, kept for the tab.

const PLACE = "edgemnist.token";
const dialog = document.getElementById("token");
const form = document.getElementById("token-form");
const field = document.getElementById("token-value");
const why = document.getElementById("token-why");

let asking = null;
let declined = false;

/** Returns the token that was entered in this tab, or null. */
export function heldToken() {
  return sessionStorage.getItem(PLACE);
}

/** Returns whether there is another token than the refused one, after asking for it; requests that come meanwhile wait. */
export async function otherToken(refused) {
  if (heldToken() !== refused) return true;
  if (declined) return false;
  asking ??= ask(refused !== null).finally(() => (asking = null));
  return asking;
}

function ask(wrong) {
  why.textContent = wrong ? "That token is not right." : "It is kept for this tab only.";
  field.value = "";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(!declined), { once: true });
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(PLACE, field.value.trim());
  dialog.close();
});

function decline() {
  declined = true;
  dialog.close();
}

document.getElementById("token-cancel").addEventListener("click", decline);
dialog.addEventListener("cancel", decline);
