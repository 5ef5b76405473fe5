/* In a file that holds a whole site: shows one page at a time. Without it they stand one after the other. */
(function () {
  'use strict';
  function all(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }
  var pages = all('main > article'), shown = null, here = '', places = {}, followed = true;
  function wanted() {
    try { return decodeURIComponent(location.hash.slice(1)); } catch (broken) { return ''; }
  }

  function turnTo(page) {
    pages.forEach(function (each) { each.hidden = each !== page; });
    document.title = page.dataset.title;
    all('.top nav a').forEach(function (link) {
      if (link.getAttribute('href') === page.dataset.section) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    });
    if (shown) {
      var title = page.querySelector('h1');
      title.tabIndex = -1;
      title.focus({ preventScroll: true });
    }
    shown = page;
  }

  // A followed link leads to its target; back and forward lead to where the reader was.
  function look() {
    var id = wanted(), target = document.getElementById(id);
    var page = pages.filter(function (each) { return each === target || each.contains(target); })[0] || shown || pages[0];
    here = location.hash;
    if (page !== shown) turnTo(page);
    if (!followed && here in places) scrollTo(0, places[here]);
    else if (target && target !== page) target.scrollIntoView();
    else scrollTo(0, 0);
    followed = false;
  }

  history.scrollRestoration = 'manual';
  addEventListener('scroll', function () { places[here] = scrollY; });
  addEventListener('hashchange', look);
  document.addEventListener('click', function (event) {
    var link = event.target.closest('a[href^="#"]');
    if (link && link.hash !== location.hash) followed = true;
  });
  look();
})();
