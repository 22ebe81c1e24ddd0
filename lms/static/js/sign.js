// Signs with a passkey. The server first prepares the whole record; the passkey signs its hash; then the form is sent as
// any other, with that signature in it. Whatever fails, nothing is signed, what was typed stays, and the password works.

import { place, reason, toBytes, toText } from "./passkeys.js";

const NOTHING = "Nothing was signed. Try again, or choose another way to sign.";
const LOST = `No answer from the server. ${NOTHING}`;
const WAITING = "Waiting for your passkey.";

const holder = document.querySelector("[data-sign]");
const form = holder?.querySelector("form");
const said = form?.querySelector("[data-passkey-said]");
const ways = form ? [...form.querySelectorAll("input[name=way]")] : [];
let busy = false;

const field = (name) => form.querySelector(`[name=${name}]`)?.closest(".field");
const chosen = () => ways.find((way) => way.checked)?.value;

function show() {
  const way = chosen();
  field("password").hidden = way === "passkey";
  if (field("code")) field("code").hidden = way !== "password_totp";
  form.elements.assertion.value = "";
}

function say(sentence) {
  said.textContent = sentence;
  said.hidden = !sentence;
  if (sentence) said.focus();
}

function wait(on) {
  busy = on;
  form.toggleAttribute("aria-busy", on);
  for (const button of form.querySelectorAll("[type=submit]")) button.disabled = on;
  let region = document.getElementById("live-region");
  if (!region) {
    region = document.createElement("p");
    region.id = "live-region";
    region.className = "visually-hidden";
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  region.textContent = on ? WAITING : "";
}

async function prepare() {
  const typed = new FormData(form);
  for (const name of ["password", "code", "assertion", "prepared"]) typed.delete(name);
  const reply = await fetch(holder.dataset.sign, {
    method: "POST",
    body: new URLSearchParams(typed),
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout?.(30000),
  });
  if (!reply.ok || !(reply.headers.get("Content-Type") ?? "").startsWith("application/json")) throw new Error("no answer");
  return reply.json();
}

function request(options) {
  const known = options.allowCredentials.map((one) => ({ ...one, id: toBytes(one.id) }));
  return { publicKey: { ...options, challenge: toBytes(options.challenge), allowCredentials: known } };
}

function written(credential) {
  const { clientDataJSON, authenticatorData, signature } = credential.response;
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response: {
      clientDataJSON: toText(clientDataJSON),
      authenticatorData: toText(authenticatorData),
      signature: toText(signature),
    },
  });
}

async function sign() {
  say("");
  wait(true);
  let prepared;
  try {
    prepared = await prepare();
  } catch {
    wait(false);
    return say(LOST);
  }
  if (prepared.go) return window.location.assign(prepared.go);
  try {
    const credential = await navigator.credentials.get(request(prepared.publicKey));
    form.elements.prepared.value = prepared.record;
    form.elements.assertion.value = written(credential);
  } catch (error) {
    wait(false);
    return say(reason(error, NOTHING));
  }
  wait(false);
  form.requestSubmit();
}

function offer() {
  const where = place(holder.dataset.origin);
  if (where !== "here") {
    form.querySelector(where === "elsewhere" ? "[data-passkey-elsewhere]" : "[data-passkey-none]").hidden = false;
    show();
    return;
  }
  for (const option of form.querySelectorAll("[data-scripted]")) option.hidden = false;
  // Where a password or a code was refused, that way is the one to go on with.
  if (!form.querySelector("[name=password][aria-invalid], [name=code][aria-invalid]")) {
    ways.find((way) => way.value === "passkey").checked = true;
  }
  show();
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => {
    if (chosen() !== "passkey" || form.elements.assertion.value) return;
    event.preventDefault();
    if (!busy) sign();
  });
  // Back and forward show the page as it was left; a signature is good for one sending.
  window.addEventListener("pageshow", show);
}

if (form) offer();
