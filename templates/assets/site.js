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
  // Whoever has forced colours of their own upon all pages keeps them.
  var forced = matchMedia('(forced-colors: active)').matches;
  if (remembered('theme') && !forced) root.dataset.theme = remembered('theme');
  button.hidden = forced;
  nameTheme();
  button.addEventListener('click', function () {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    remember('theme', root.dataset.theme);
    nameTheme();
  });

  // A page of the site is one article; a file that holds the whole site has one for each page.
  function pageOf(element) { return element.closest('article'); }

  // A word of the field is explained where it first stands.
  function said(word, page) {
    var walker = document.createTreeWalker(page, NodeFilter.SHOW_TEXT), node, match;
    var form = new RegExp('(?<!\\p{L})' + word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') + '\\p{L}*[.,;:]?', 'iu');
    while ((node = walker.nextNode())) {
      if (node.parentNode.matches('.standfirst, .chapter > p, .versus, figcaption') && (match = form.exec(node.data))) {
        node.splitText(match.index).splitText(match[0].length);
        return node.nextSibling;
      }
    }
  }
  if ('popover' in root) all('.lexicon div').forEach(function (entry) {
    var word = said(one('dt', entry).textContent, pageOf(entry));
    if (!word) return;
    var button = document.createElement('button'), note = document.createElement('div');
    button.type = 'button';
    button.className = 'term';
    note.className = 'gloss';
    note.popover = 'auto';
    note.append(one('a', entry).cloneNode(true), ': ' + one('dd', entry).textContent);
    word.replaceWith(button);
    button.append(word);
    button.popoverTargetElement = note;
    button.after(note);
  });

  var choosers = all('.chooser');
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
      (element.tagName === 'OL' ? all('image', element) : [element]).forEach(function (picture) {
        picture.setAttribute(picture.tagName === 'IMG' ? 'src' : 'href', element.dataset.pic.replace('{}', input.value));
      });
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


  // A row that somebody linked to is open.
  function unfold() {
    var aim = document.getElementById(location.hash.slice(1));
    if (aim && 'open' in aim) aim.open = true;
  }
  addEventListener('hashchange', unfold);
  unfold();

  // The choice goes along to other pages, and all that one sees to the same page in another language.
  document.addEventListener('click', function (event) {
    var link = event.target.closest('a[href*=".html"]');
    if (!link) return;
    if (link.hreflang) { link.search = location.search; link.hash = location.hash; }
    else if (query.get('pic')) link.search = '?pic=' + encodeURIComponent(query.get('pic'));
  });

  // One sum, wherever the reader lays the filter.
  all('.sum').forEach(function (figure) {
    var facts = JSON.parse(figure.dataset.sum), corner = facts.corner, tiles = all('.tile', figure), boxes = all('.box', figure);
    var picture = tiles[0], nine = one('.nine', figure), size = facts.size, rows = facts.pixels.length / facts.width;
    var answer = all('p', figure).pop(), said = figure.dataset.said, below = boxes[1].getAttribute('y') - corner[0];
    function told(value, places) {
      var form = { minimumFractionDigits: places, maximumFractionDigits: places };
      return value.toLocaleString(root.lang, form).replace('-', '\u2212');
    }
    function lay(row, column) {
      row = Math.max(0, Math.min(row, rows - size[0]));
      column = Math.max(0, Math.min(column, facts.width - size[1]));
      corner = [row, column];
      var total = 0;
      all('text', nine).forEach(function (text, number) {
        var line = Math.floor(number / size[1]);
        var value = facts.unit * facts.pixels[(row + line) * facts.width + column + number - line * size[1]];
        total += value * facts.weights[number];
        text.textContent = told(value, 2);
        text.setAttribute('class', value < 0.5 ? 'on-dark' : 'on-light');
      });
      one('svg', nine).setAttribute('viewBox', [column, row, size[1], size[0]].join(' '));
      boxes[0].setAttribute('x', column);
      boxes[0].setAttribute('y', row);
      boxes[1].setAttribute('x', column + (size[1] - 3) / 2);
      boxes[1].setAttribute('y', row + below);
      var now = told(total, 3) + (facts.bias < 0 ? ' \u2212 ' : ' + ') + told(Math.abs(facts.bias), 3) + ' = ' + told(total + facts.bias, 3);
      answer.textContent = answer.textContent.replace(said, now);
      said = now;
    }
    function point(event) {
      var place = picture.getBoundingClientRect(), step = place.width / facts.width;
      lay(Math.floor((event.clientY - place.top) / step - (size[0] - 1) / 2),
        Math.floor((event.clientX - place.left) / step - (size[1] - 1) / 2));
    }
    picture.setAttribute('tabindex', '0');
    picture.setAttribute('role', 'img');
    picture.setAttribute('aria-label', figure.dataset.how);
    picture.removeAttribute('aria-hidden');
    var how = document.createElement('div');
    how.className = 'fine';
    how.textContent = figure.dataset.how;
    one('p', figure).after(how);
    answer.setAttribute('aria-live', 'polite');
    picture.addEventListener('keydown', function (event) {
      var step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (!step) return;
      event.preventDefault();
      lay(corner[0] + step[0], corner[1] + step[1]);
    });
    picture.addEventListener('pointerdown', function (event) { picture.setPointerCapture(event.pointerId); point(event); });
    picture.addEventListener('pointermove', function (event) { if (event.buttons) point(event); });
  });

  function drawn(name, attributes) {
    var element = document.createElementNS('http://www.w3.org/2000/svg', name);
    Object.keys(attributes).forEach(function (key) { element.setAttribute(key, attributes[key]); });
    return element;
  }
  // In a file that holds the whole site, a picture may be a drawing that shows one kept elsewhere.
  function drawnAs(picture) {
    if (picture.tagName !== 'IMG') return picture.cloneNode(true);
    function of(name) { return picture.getAttribute(name); }
    return drawn('image', { href: of('src'), width: of('width'), height: of('height') });
  }

  // The film of the filters, moment by moment.
  all('.reel').forEach(function (reel) {
    var input = one('input', reel), frames = all('li', one('.film', reel.parentNode));
    function turn() {
      var picture = one('img, use', frames[input.value]), moment = one('span', frames[input.value]).textContent;
      all('svg', reel).forEach(function (tile) { tile.replaceChildren(drawnAs(picture)); });
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
    var order = named('sort'), only = named('only'), kind = named('kind'), scale = named('scale');
    one('.controls', pageOf(list)).hidden = false;
    function put() {
      var key = order.value;
      all('.unit', list).sort(function (a, b) {
        var down = key === 'n' ? 0 : b.dataset[key] - a.dataset[key];
        return down || a.dataset.n - b.dataset.n;
      }).forEach(function (unit) {
        unit.hidden = only.value !== '' && unit.dataset.state !== only.value ||
          kind && kind.value !== '' && unit.dataset.kind !== kind.value;
        list.appendChild(unit);
      });
    }
    function brighten() {
      all('.scale-own', list).forEach(function (element) { element.hidden = scale.value !== 'own'; });
      all('.scale-layer', list).forEach(function (element) { element.hidden = scale.value === 'own'; });
    }
    connect(order, 'sort', 'n', put);
    connect(only, 'only', '', put);
    connect(kind, 'kind', '', put);
    connect(scale, 'scale', 'layer', brighten);

    // One unit at a time, large.
    var page = pageOf(list), chooser = one('.chooser', page), dialog = one('.enlarged', page), room = one('.unit', dialog), opened;
    function seen(unit) {
      var inputs = all('input', chooser), number = inputs.findIndex(function (input) { return input.checked; });
      var place = (unit.dataset.peaks || '').split(';')[number];
      if (!place) return;
      var image = one('img, svg', inputs[number].parentNode), at = place.split(','), sides = list.dataset.window.split(',');
      var figure = document.createElement('figure'), words = document.createElement('figcaption'), tile = image.cloneNode(true);
      if (image.src) {
        tile = drawn('svg', { viewBox: '0 0 ' + image.getAttribute('width') + ' ' + image.getAttribute('height') });
        tile.appendChild(drawnAs(image));
      }
      tile.setAttribute('class', 'tile ' + image.getAttribute('class'));
      tile.setAttribute('aria-hidden', 'true');
      tile.appendChild(drawn('rect', { 'class': 'box', x: at[1], y: at[0], width: sides[1], height: sides[0] }));
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
      all('details', room).forEach(function (fold) { fold.replaceWith.apply(fold, Array.prototype.slice.call(fold.children, 1)); });
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
      var sign = drawn('svg', { 'class': 'mark', viewBox: '0 0 16 16', 'aria-hidden': 'true' });
      sign.appendChild(drawn('path', { d: 'M8 1v14M1 8h14' }));
      button.appendChild(sign);
      button.title = dialog.dataset.enlarge;
      button.setAttribute('aria-label', dialog.dataset.enlarge + ': ' + dialog.dataset.title.replace('{}', unit.dataset.n));
      button.addEventListener('click', function () { enlarge(unit); });
      one('h3', unit).appendChild(button);
      if (unit.dataset.n === query.get('unit') && all('article').length === 1) enlarge(unit);
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
  });
})();
