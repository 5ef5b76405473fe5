/* Adds to pages that can be read without it: the theme, another picture, the order and the scale of units. */
(function () {
  'use strict';
  var root = document.documentElement;
  var query = new URLSearchParams(location.search);
  function one(selector, inside) { return (inside || document).querySelector(selector); }
  function all(selector, inside) { return Array.prototype.slice.call((inside || document).querySelectorAll(selector)); }
  function remembered(key) { try { return localStorage.getItem(key); } catch (refused) { return null; } }
  function remember(key, value) { try { localStorage.setItem(key, value); } catch (refused) { /* a private window */ } }

  // What one sees lives in the address, so that it can be shared.
  function keep(key, value) {
    if (value) query.set(key, value); else query.delete(key);
    var search = query.toString();
    try { history.replaceState(null, '', (search ? '?' + search : location.pathname) + location.hash); }
    catch (refused) { /* some viewers of files refuse */ }
  }

  var button = one('.theme');
  function isDark() {
    return root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  }
  function nameTheme() { button.textContent = isDark() ? button.dataset.light : button.dataset.dark; }
  if (remembered('theme')) root.dataset.theme = remembered('theme');
  button.hidden = false;
  nameTheme();
  button.addEventListener('click', function () {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    remember('theme', root.dataset.theme);
    nameTheme();
  });

  // A page of the site is one article; a file that holds the whole site has one for each page.
  var choosers = all('.chooser');
  function pageOf(element) { return element.closest('article'); }
  function tell(input, answer) {
    if (!answer || !input.dataset.top) return;
    var rows = all('.top3 li', answer);
    JSON.parse(input.dataset.top).forEach(function (parts, number) {
      if (!number) one('.word', answer).textContent = parts[0];
      one('span', rows[number]).textContent = parts[0];
      one('b', rows[number]).textContent = parts[1];
      one('.fill', rows[number]).setAttribute('width', parts[2]);
    });
    one('.truth', answer).textContent = input.dataset.truth;
  }
  function show(input) {
    input.checked = true;
    all('[data-pic]', pageOf(input)).forEach(function (element) {
      element.setAttribute(element.tagName === 'IMG' ? 'src' : 'href', element.dataset.pic.replace('{}', input.value));
    });
    tell(input, one('.answer', pageOf(input)));
  }
  function choose(name) {
    choosers.forEach(function (chooser) {
      all('input', chooser).filter(function (input) { return input.value === name; }).forEach(show);
    });
  }
  choosers.forEach(function (chooser) {
    chooser.hidden = false;
    chooser.addEventListener('change', function (event) {
      remember('pic', event.target.value);
      keep('pic', event.target.value);
      choose(event.target.value);
    });
  });
  choose(query.get('pic') || remembered('pic'));

  var settings = [];
  function connect(select, key, plain, act) {
    if (!select) return;
    function set(value) {
      select.value = value;
      if (select.selectedIndex < 0) select.value = plain;
      act();
    }
    settings.push({ key: key, set: set });
    if (query.get(key)) set(query.get(key));
    select.addEventListener('change', function () {
      var value = select.value;
      keep(key, value === plain ? '' : value);
      settings.forEach(function (each) { if (each.key === key) each.set(value); });
    });
  }
  all('.units').forEach(function (list) {
    function named(name) { return one('select[id$=' + name + ']', pageOf(list)); }
    var order = named('sort'), only = named('only'), scale = named('scale');
    one('.controls', pageOf(list)).hidden = false;
    function put() {
      var key = order.value;
      all('.unit', list).sort(function (a, b) {
        var down = key === 'n' ? 0 : b.dataset[key] - a.dataset[key];
        return down || a.dataset.n - b.dataset.n;
      }).forEach(function (unit) {
        unit.hidden = only.value !== '' && unit.dataset.state !== only.value;
        list.appendChild(unit);
      });
    }
    function brighten() {
      all('.scale-own', list).forEach(function (element) { element.hidden = scale.value !== 'own'; });
      all('.scale-layer', list).forEach(function (element) { element.hidden = scale.value === 'own'; });
    }
    connect(order, 'sort', 'n', put);
    connect(only, 'only', '', put);
    connect(scale, 'scale', 'layer', brighten);
  });
})();
