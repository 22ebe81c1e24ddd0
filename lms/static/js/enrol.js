// Makes a new passkey: the browser asks the person's device, then the form is sent as any other with what it made.

import { place, reason, toBytes, toText } from "./passkeys.js";

const DONE = "No passkey was added. Try again.";
const holder = document.querySelector("[data-enrol]");
const form = holder?.querySelector("form");
const said = form?.querySelector("[data-passkey-said]");
let busy = false;

function say(sentence) {
  said.textContent = sentence;
  said.hidden = !sentence;
  if (sentence) said.focus();
}

function request(options) {
  const known = options.excludeCredentials.map((one) => ({ ...one, id: toBytes(one.id) }));
  const user = { ...options.user, id: toBytes(options.user.id) };
  return { publicKey: { ...options, user, challenge: toBytes(options.challenge), excludeCredentials: known } };
}

function written(credential) {
  const { clientDataJSON, attestationObject } = credential.response;
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response: { clientDataJSON: toText(clientDataJSON), attestationObject: toText(attestationObject) },
  });
}

async function create() {
  busy = true;
  say("");
  try {
    const made = await navigator.credentials.create(request(JSON.parse(holder.dataset.enrol)));
    form.elements.credential.value = written(made);
    form.requestSubmit();
  } catch (error) {
    say(reason(error, DONE));
  } finally {
    busy = false;
  }
}

if (form && place(holder.dataset.origin) === "here") {
  form.elements.credential.value = "";
  form.addEventListener("submit", (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    if (!busy) create();
  });
}
