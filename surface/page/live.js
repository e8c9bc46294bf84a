// Reads the page anew when the market has news of what it shows. Without this script the page does so by itself, later.
(function () {
  "use strict";
  var at = document.body.getAttribute("data-live");
  if (!at || !window.EventSource) return;
  var source = new EventSource(at);
  source.addEventListener("news", function () {
    source.close();
    window.location.reload();
  });
  // A form on its way brings the news itself; reading anew meanwhile would cut it off.
  document.addEventListener("submit", function () { source.close(); });
  window.addEventListener("pagehide", function () { source.close(); });
})();
