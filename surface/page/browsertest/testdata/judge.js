function () {
  "use strict";
  function name(e) {
    var html = e.outerHTML.replace(/\s+/g, " ");
    return html.length > 160 ? html.slice(0, 160) + "…" : html;
  }
  function seen(e) {
    var box = e.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true});
  }
  function clipped(e) {
    for (var up = e.parentElement; up && up !== document.body; up = up.parentElement) {
      if (getComputedStyle(up).overflowX !== "visible") return true;
    }
    return false;
  }
  var controls = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";

  // What shows that an element has the focus: on itself or on what is around it.
  function sign(e) {
    var out = [];
    for (var up = e, i = 0; up && i < 4; up = up.parentElement, i++) {
      ["", "::before", "::after"].forEach(function (part) {
        var s = getComputedStyle(up, part || null);
        out.push(s.outlineStyle, s.outlineStyle === "none" ? "" : s.outlineWidth + s.outlineColor, s.boxShadow,
          s.borderColor, s.backgroundColor);
      });
    }
    var near = e.nextElementSibling;
    if (near) out.push(getComputedStyle(near).outlineStyle, getComputedStyle(near).boxShadow);
    return out.join("|");
  }

  return {
    axe: async function () {
      var tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
      var found = await window.axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
      return found.violations.flatMap(function (v) {
        return v.nodes.map(function (n) { return v.id + ": " + n.html + " " + n.failureSummary.replace(/\s+/g, " "); });
      });
    },
    fits: function () {
      var root = document.documentElement, width = root.clientWidth, out = [];
      if (root.scrollWidth <= width) return out;
      document.body.querySelectorAll("*").forEach(function (e) {
        if (e.getBoundingClientRect().right > width + 1 && !clipped(e)) out.push(name(e));
      });
      return out.length ? out.slice(0, 5) : ["the page is " + root.scrollWidth + " px wide"];
    },
    words: function () {
      return (document.body.innerText.match(/\b[a-z]+web\.[a-z_.]+/g) || []).slice(0, 5);
    },
    taps: function () {
      return Array.from(document.querySelectorAll(controls)).filter(function (e) {
        if (!seen(e) || e.disabled) return false;
        if (e.getBoundingClientRect().bottom <= 0) return false; // waits above the page until it is focused
        if (e.tagName === "A" && getComputedStyle(e).display === "inline") return false;
        var at = e.closest("label") || (e.labels && e.labels.length && e.matches("[type=checkbox], [type=radio]") ? e.labels[0] : e);
        return Math.max(at.getBoundingClientRect().height, e.getBoundingClientRect().height) < 43.5;
      }).map(name).slice(0, 8);
    },
    focus: function () {
      document.activeElement.blur();
      return Array.from(document.querySelectorAll(controls)).filter(function (e) {
        if (!seen(e) || e.disabled || e.tabIndex < 0) return false;
        var before = sign(e);
        e.focus({focusVisible: true, preventScroll: true});
        var on = document.activeElement === e, after = sign(e);
        e.blur();
        return on && before === after;
      }).map(name).slice(0, 8);
    },
    weight: function () {
      return performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource")).filter(function (e) {
        return e.entryType === "navigation" || /\.(css|js)(\?|$)/.test(e.name);
      }).reduce(function (sum, e) { return sum + e.encodedBodySize; }, 0);
    },
    shift: function () {
      return new Promise(function (done) {
        var sum = 0;
        new PerformanceObserver(function (list) {
          list.getEntries().forEach(function (e) { if (!e.hadRecentInput) sum += e.value; });
        }).observe({type: "layout-shift", buffered: true});
        setTimeout(function () { done(sum); }, 20); // what happened before is told at once
      });
    },
    paint: function () {
      return new Promise(function (done) {
        var shift = 0, largest = 0;
        new PerformanceObserver(function (list) {
          list.getEntries().forEach(function (e) { if (!e.hadRecentInput) shift += e.value; });
        }).observe({type: "layout-shift", buffered: true});
        new PerformanceObserver(function (list) {
          list.getEntries().forEach(function (e) { largest = Math.max(largest, e.startTime); });
        }).observe({type: "largest-contentful-paint", buffered: true});
        setTimeout(function () { done({shift: shift, largest: largest}); }, 300);
      });
    }
  };
}
