// Makes the passkey buttons work: [data-passkey="use"] logs in, [data-passkey="add"] adds one under the name that is
// typed in the form. They are hidden in the page, and shown where the browser knows passkeys and stands at the host
// where they are good. What goes wrong is said beside the button.
(function () {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials || !window.isSecureContext) return;

  function bytes(text) {
    var s = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(s, function (c) { return c.charCodeAt(0); });
  }
  function text(buffer) {
    var s = "";
    new Uint8Array(buffer).forEach(function (b) { s += String.fromCharCode(b); });
    return btoa(s).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  // The options come as JSON, in which what the browser wants as bytes is text.
  function whole(options) {
    var o = options.publicKey;
    o.challenge = bytes(o.challenge);
    if (o.user) o.user.id = bytes(o.user.id);
    (o.excludeCredentials || []).concat(o.allowCredentials || []).forEach(function (c) { c.id = bytes(c.id); });
    return options;
  }
  function plain(credential) {
    var from = credential.response, response = {};
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (from[name]) response[name] = text(from[name]);
    });
    if (from.getTransports) response.transports = from.getTransports();
    return {id: credential.id, rawId: text(credential.rawId), type: credential.type, response: response,
      clientExtensionResults: {}};
  }

  // A refusal of ours says in words what is wrong; whatever the browser says is not for readers.
  function Refused(words) { this.words = words; }
  function ask(path, body) {
    return fetch(path, {method: "POST", credentials: "same-origin", headers: {"Content-Type": "application/json"},
      body: JSON.stringify(body)}).then(function (answer) {
      return answer.json().then(function (said) {
        if (said.code === "login.proof_old")
          window.location.assign("/login?again=1&next=" + encodeURIComponent(window.location.pathname));
        if (!answer.ok) throw new Refused(said.detail);
        return said;
      });
    });
  }

  function ready(box) {
    var host = box.dataset.host, at = window.location.hostname;
    if (at !== host && at.slice(-host.length - 1) !== "." + host) return;
    var button = box.querySelector("button"), says = box.querySelector("[role=status]"), name = box.querySelector("input[name=name]");
    var add = box.dataset.passkey === "add";
    box.hidden = false;
    function go(ev) {
      ev.preventDefault();
      if (name && !name.reportValidity()) return;
      button.disabled = true;
      says.textContent = box.dataset.wait;
      says.className = "quiet";
      var ticket;
      ask(box.dataset.begin, {}).then(function (begun) {
        ticket = begun.ticket;
        var options = whole(begun.options);
        return add ? navigator.credentials.create(options) : navigator.credentials.get(options);
      }).then(function (credential) {
        return ask(box.dataset.end, {ticket: ticket, answer: plain(credential), name: name ? name.value : "",
          next: box.dataset.next || ""});
      }).then(function (done) {
        window.location.assign(done.next);
      }).catch(function (err) {
        button.disabled = false;
        says.className = "wrong";
        says.textContent = err instanceof Refused && err.words ? err.words : box.dataset.gone;
      });
    }
    (box.querySelector("form") || button).addEventListener(box.querySelector("form") ? "submit" : "click", go);
  }
  document.querySelectorAll("[data-passkey]").forEach(ready);
})();
