// Says where passkeys work, when this page was opened at another address of the same site (say 127.0.0.1).

import { place } from "./passkeys.js";

const holder = document.querySelector("[data-passkey-place]");
const where = holder ? place(holder.dataset.passkeyPlace) : "here";
if (where !== "here") holder.querySelector(`[data-passkey-${where}]`).hidden = false;
