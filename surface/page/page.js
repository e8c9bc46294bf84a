// Makes what the page already does nicer: countdowns count, dialogs float, whole tables are picked at once, files fall
// into their field, toasts go away. Nothing depends on it. What htmx puts in later is made nicer too.
(function () {
  "use strict";
  function each(root, selector, act) {
    if (root.matches && root.matches(selector)) act(root);
    root.querySelectorAll(selector).forEach(act);
  }
  function make(name, kind, text) {
    var e = document.createElement(name);
    if (kind) e.className = kind;
    if (text) e.textContent = text;
    return e;
  }
  function two(n) { return (n < 10 ? "0" : "") + n; }

  // A countdown goes by the server's clock: what matters is how far ours is off. performance.now() does not jump when
  // somebody sets the clock.
  function countdown(e) {
    var ends = Date.parse(e.dataset.ends), begun = Date.parse(e.dataset.now) - performance.now(), at = e.querySelector("time");
    // What the browser or htmx kept of an earlier look at the page has a clock already.
    var clock = e.querySelector(".countdown-clock") || make("span", "countdown-clock");
    clock.setAttribute("aria-hidden", "true");
    if (e.dataset.before) e.querySelector(".countdown-label").textContent = e.dataset.before;
    at.after(clock);
    at.classList.add("hidden");
    function show() {
      var left = Math.ceil((ends - begun - performance.now()) / 1000);
      if (!e.isConnected) return;
      if (left <= 0) {
        e.classList.add("countdown-over");
        e.textContent = e.dataset.over;
        if ("again" in e.dataset) window.location.reload();
        return;
      }
      var days = Math.floor(left / 86400);
      var parts = [two(Math.floor(left / 3600) % 24), two(Math.floor(left / 60) % 60), two(left % 60)];
      clock.replaceChildren.apply(clock, (days ? [make("b", "", days + " " + e.dataset.days)] : []).concat(
        parts.map(function (p) { return make("b", "", p); })));
      setTimeout(show, 1000 - (begun + performance.now()) % 1000 + 5);
    }
    show();
  }

  // Copies what a field holds. Where the page came without encryption there is no clipboard but the selection's.
  function copy(button) {
    var field = document.getElementById(button.dataset.copy), name = button.textContent;
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    function done() {
      button.textContent = button.dataset.done;
      setTimeout(function () { button.textContent = name; }, 2000);
    }
    button.addEventListener("click", function () {
      field.select();
      if (navigator.clipboard) navigator.clipboard.writeText(field.value).then(done, function () {});
      else if (document.execCommand("copy")) done();
    });
  }

  function dialog(fold) {
    var box = fold.querySelector("dialog"), head = fold.querySelector("summary");
    if (!box.showModal) return;
    function open() {
      fold.open = true;
      box.showModal();
    }
    head.addEventListener("click", function (ev) {
      ev.preventDefault();
      open();
    });
    box.addEventListener("close", function () { fold.open = false; });
    box.addEventListener("click", function (ev) { if (ev.target === box) box.close(); });
    each(box, "[data-close]", function (b) {
      b.hidden = false;
      b.addEventListener("click", function () { box.close(); });
    });
    if (fold.open) open();
  }

  function table(whole) {
    var all = whole.querySelector("[data-pick-all]"), count = whole.querySelector(".bulk-count");
    if (!all) return;
    var box = all.querySelector("input");
    function rows() { return Array.from(whole.querySelectorAll("tbody .picker input")); }
    function tell() {
      var picked = rows().filter(function (r) { return r.checked; }).length;
      box.checked = picked > 0 && picked === rows().length;
      box.indeterminate = picked > 0 && !box.checked;
      count.textContent = picked ? count.dataset.text.replace("#", picked) : "";
    }
    all.hidden = false;
    whole.addEventListener("change", function (ev) {
      if (ev.target === box) rows().forEach(function (r) { r.checked = box.checked; });
      tell();
    });
    tell();
  }

  function drop(area) {
    var input = area.querySelector("input"), list = area.querySelector("ul");
    function size(n) { return n < 1e6 ? Math.max(1, Math.round(n / 1024)) + " kB" : (n / 1048576).toFixed(1) + " MB"; }
    function tell() {
      list.replaceChildren.apply(list, Array.from(input.files).map(function (f) {
        return make("li", "", f.name + " · " + size(f.size));
      }));
    }
    ["dragenter", "dragover"].forEach(function (kind) {
      area.addEventListener(kind, function (ev) {
        ev.preventDefault();
        area.classList.add("drop-over");
      });
    });
    area.addEventListener("dragleave", function (ev) {
      if (!area.contains(ev.relatedTarget)) area.classList.remove("drop-over");
    });
    area.addEventListener("drop", function (ev) {
      ev.preventDefault();
      area.classList.remove("drop-over");
      if (!ev.dataTransfer.files.length) return;
      var files = new DataTransfer();
      Array.from(ev.dataTransfer.files).slice(0, input.multiple ? undefined : 1).forEach(function (f) { files.items.add(f); });
      input.files = files.files;
      input.dispatchEvent(new Event("change", {bubbles: true}));
    });
    input.addEventListener("change", tell);
  }

  // A toast goes by itself, unless it offers something or somebody is on it.
  function toast(e) {
    var close = make("button", "toast-close");
    close.type = "button";
    close.setAttribute("aria-label", document.getElementById("toasts").dataset.close);
    close.textContent = "×";
    close.addEventListener("click", function () { e.remove(); });
    e.append(close);
    if (e.querySelector("a")) return;
    setTimeout(function gone() {
      if (e.matches(":hover, :focus-within")) setTimeout(gone, 2000);
      else e.remove();
    }, 6000);
  }
  document.addEventListener("toast", function (ev) {
    var said = ev.detail, region = document.getElementById("toasts");
    if (!region || !said || !said.text) return;
    var e = make("div", "toast" + (said.tone ? " toast-" + said.tone : ""));
    e.append(make("p", "", said.text));
    if (said.href && said.href.charAt(0) === "/") {
      var link = make("a", "", said.action);
      link.href = said.href;
      e.append(link);
    }
    region.append(e);
    toast(e);
  });

  // Once for each element: htmx tells of the whole page, too, when it starts.
  var made = new WeakSet();
  function once(act) {
    return function (e) {
      if (made.has(e)) return;
      made.add(e);
      act(e);
    };
  }
  function enhance(root) {
    each(root, ".countdown", once(countdown));
    each(root, "details.dialog", once(dialog));
    each(root, ".table-whole", once(table));
    each(root, "[data-drop]", once(drop));
    each(root, "[data-copy]", once(copy));
    each(root, ".toast", function (e) { if (!e.querySelector(".toast-close")) toast(e); });
  }
  enhance(document);
  document.addEventListener("htmx:load", function (ev) { enhance(ev.detail.elt); });
})();
