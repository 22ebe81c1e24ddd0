// What the pages that use passkeys share: bytes as text, and what to say when a browser refuses.

export function toBytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

export function toText(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// "here", "elsewhere" (the passkey belongs to another address of this site) or "none" (no passkeys in this browser).
export function place(origin) {
  if (window.location.origin !== origin) return "elsewhere";
  return window.isSecureContext && window.PublicKeyCredential && navigator.credentials ? "here" : "none";
}

export function reason(error, done) {
  switch (error?.name) {
    case "NotAllowedError":
      return `Your device did not go on: this was cancelled, time ran out, or it could not tell that it is you. ${done}`;
    case "InvalidStateError":
      return `This device has a passkey for this site already. ${done}`;
    case "SecurityError":
      return `This browser allows no passkeys at this address. ${done}`;
    default:
      return `Your passkey could not be used. ${done}`;
  }
}
