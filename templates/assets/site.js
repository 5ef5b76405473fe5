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

  var chooser = one('.chooser');
  function tell(input) {
    var answer = one('.answer');
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
    all('[data-pic]').forEach(function (element) {
      element.setAttribute(element.tagName === 'IMG' ? 'src' : 'href', element.dataset.pic.replace('{}', input.value));
    });
    tell(input);
  }
  if (chooser) {
    chooser.hidden = false;
    chooser.addEventListener('change', function (event) {
      remember('pic', event.target.value);
      keep('pic', event.target.value);
      show(event.target);
    });
    var wanted = query.get('pic') || remembered('pic');
    var chosen = all('input', chooser).filter(function (input) { return input.value === wanted; })[0];
    if (chosen) { chosen.checked = true; show(chosen); }
  }

  // The choice goes along to other pages, and all that one sees to the same page in another language.
  document.addEventListener('click', function (event) {
    var link = event.target.closest('a[href*=".html"]');
    if (!link) return;
    if (link.hreflang) { link.search = location.search; link.hash = location.hash; }
    else if (query.get('pic')) link.search = '?pic=' + encodeURIComponent(query.get('pic'));
  });

  // The film of the filters, moment by moment.
  all('.reel').forEach(function (reel) {
    var input = one('input', reel), frames = all('li', reel.nextElementSibling);
    function turn() {
      var image = one('img', frames[input.value]), moment = one('span', frames[input.value]).textContent;
      all('image', reel).forEach(function (element) { element.setAttribute('href', image.getAttribute('src')); });
      one('output', reel).textContent = moment;
      input.setAttribute('aria-valuetext', moment);
    }
    reel.hidden = false;
    if (query.get('moment')) input.value = query.get('moment');
    input.addEventListener('input', function () { keep('moment', input.value); turn(); });
    turn();
  });

  // Which of these was trained?
  all('.game').forEach(function (game) {
    var told = game.dataset, lucks = JSON.parse(told.lucks), done = 0, right = 0;
    all('li', game).forEach(function (pair) {
      var buttons = all('svg', pair).map(function (tile) {
        var button = document.createElement('button');
        button.type = 'button';
        pair.insertBefore(button, one('p', pair));
        button.appendChild(tile);
        return button;
      });
      buttons.forEach(function (button, side) {
        button.addEventListener('click', function () {
          var found = side === +pair.dataset.trained;
          buttons.forEach(function (each) { each.disabled = true; });
          buttons[pair.dataset.trained].className = 'trained';
          one('p', pair).textContent = found ? told.right : told.wrong;
          done += 1;
          right += found;
          game.nextElementSibling.textContent = told.score.replace('{right}', right).replace('{done}', done) +
            (done === lucks.length - 1 ? ' ' + told.luck.replace('{luck}', lucks[right]) : '');
        });
      });
    });
  });

  var list = one('.units'), order = one('#sort'), only = one('#only'), scale = one('#scale');
  if (!list) return;
  one('.controls').hidden = false;
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
  function connect(select, key, plain, act) {
    if (!select) return;
    var wanted = query.get(key);
    if (wanted) { select.value = wanted; if (select.selectedIndex < 0) select.value = plain; else act(); }
    select.addEventListener('change', function () { keep(key, select.value === plain ? '' : select.value); act(); });
  }
  connect(order, 'sort', 'n', put);
  connect(only, 'only', '', put);
  connect(scale, 'scale', 'layer', brighten);

  // One unit at a time, large.
  var dialog = one('.enlarged'), room = one('.unit', dialog), opened;
  function drawn(name, attributes, inside) {
    var element = document.createElementNS('http://www.w3.org/2000/svg', name);
    Object.keys(attributes).forEach(function (key) { element.setAttribute(key, attributes[key]); });
    if (inside) inside.appendChild(element);
    return element;
  }
  function seen(unit) {
    var inputs = all('input', chooser), number = inputs.findIndex(function (input) { return input.checked; });
    var place = (unit.dataset.peaks || '').split(';')[number];
    if (!place) return;
    var image = one('img', inputs[number].parentNode), at = place.split(','), sides = list.dataset.window.split(',');
    var figure = document.createElement('figure'), words = document.createElement('figcaption');
    var size = { width: image.getAttribute('width'), height: image.getAttribute('height') };
    var box = { 'class': 'box', x: at[1], y: at[0], width: sides[1], height: sides[0] };
    var tile = drawn('svg', { 'class': 'tile ' + image.className, viewBox: '0 0 ' + size.width + ' ' + size.height });
    tile.setAttribute('aria-hidden', 'true');
    drawn('image', { href: image.getAttribute('src'), width: size.width, height: size.height }, tile);
    drawn('rect', box, tile);
    figure.className = 'seen';
    words.textContent = dialog.dataset.seen;
    figure.append(tile, words);
    room.insertBefore(figure, one('.told', room));
  }
  function enlarge(unit) {
    opened = unit;
    one('h2', dialog).textContent = dialog.dataset.title.replace('{}', unit.dataset.n);
    room.replaceChildren();
    all(':scope > :not(h3)', unit).forEach(function (part) { room.appendChild(part.cloneNode(true)); });
    if (chooser) seen(unit);
    keep('unit', unit.dataset.n);
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }
  function turn(step) {
    var shown = all('.unit:not([hidden])', list), number = shown.indexOf(opened) + step;
    enlarge(shown[(number + shown.length) % shown.length]);
  }
  all('.unit', list).forEach(function (unit) {
    var button = document.createElement('button');
    button.type = 'button';
    button.textContent = dialog.dataset.enlarge;
    button.setAttribute('aria-label', dialog.dataset.enlarge + ': ' + dialog.dataset.title.replace('{}', unit.dataset.n));
    button.addEventListener('click', function () { enlarge(unit); });
    one('h3', unit).appendChild(button);
    if (unit.dataset.n === query.get('unit')) enlarge(unit);
  });
  all('.tools button', dialog).forEach(function (control) {
    control.addEventListener('click', function () { if (control.value) turn(+control.value); else dialog.close(); });
  });
  dialog.addEventListener('keydown', function (event) {
    var step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) { event.preventDefault(); turn(step); }
  });
  dialog.addEventListener('click', function (event) { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener('close', function () {
    keep('unit', '');
    one('button', opened).focus();
    opened.scrollIntoView({ block: 'nearest' });
  });
})();
