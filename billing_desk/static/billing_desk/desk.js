/* The desk's own script: single keys, panes, drafts, small fills. Everything works without it, only slower. */
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const isTyping = (target) => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !/^(checkbox|radio|button|submit)$/.test(target.type);
  const keep = (store, key, value) => { try { value ? store.setItem(key, value) : store.removeItem(key); } catch { /* storage may be switched off: then nothing is kept */ } };
  const kept = (store, key) => { try { return store.getItem(key) || ""; } catch { return ""; } };
  const say = (words) => { const live = one("#live"); if (live) { live.textContent = ""; setTimeout(() => { live.textContent = words; }, 60); } };

  /* Panes: below 1200 px one beside the queue, on a phone one at a time. */
  const showPane = (name) => {
    const desk = one("#desk");
    if (!desk) return;
    desk.dataset.pane = name;
    all("[data-pane-link]", desk).forEach((link) => link.dataset.paneLink === name ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current"));
  };
  const canSee = (element) => element && element.getClientRects().length > 0;

  /* Composer: reply or note on the same words. */
  const setMode = (form, mode) => {
    form.dataset.mode = mode;
    const address = `/desk/tickets/${form.dataset.composer}/${mode}`;
    form.setAttribute("action", address);
    form.setAttribute("hx-post", address);
    all("[data-mode-button]", form).forEach((button) => button.setAttribute("aria-current", String(button.dataset.modeButton === mode)));
    const editor = one("textarea", form), isNote = mode === "note";
    editor.placeholder = isNote ? "Only the team reads this" : "Write to the customer";
    one("label[for=editor]", form).textContent = isNote ? "Note to the team" : "Reply to the customer";
    const send = one("button[name=send]", form);
    send.firstChild.textContent = isNote ? "Add note " : "Send ";
    if (window.htmx) window.htmx.process(form);
    showPane("case");
    editor.focus();
  };
  const draftKey = (form) => `draft:${form.dataset.composer}`;
  const restoreDraft = () => {
    const form = one("[data-composer]"), editor = form && one("textarea", form);
    if (editor && !editor.value) editor.value = kept(sessionStorage, draftKey(form));
  };

  /* Queue: j and k walk, Enter opens. */
  const walk = (step) => {
    const ticks = all(".tick");
    if (!ticks.length) return;
    const now = ticks.indexOf(document.activeElement);
    const from = now >= 0 ? now : ticks.findIndex((tick) => tick.hasAttribute("aria-current"));
    const next = ticks[Math.min(Math.max(from + step, 0), ticks.length - 1)];
    showPane(canSee(next) ? one("#desk").dataset.pane : "queue");
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  const closePanel = () => {
    const panel = one("#panel");
    if (!panel || !panel.firstElementChild) return false;
    panel.replaceChildren();
    one("#account")?.focus();
    return true;
  };

  const act = (key) => {
    if (key === "j" || key === "k") { walk(key === "j" ? 1 : -1); return true; }
    if (key === "w" && one("#account")) { showPane("account"); one("#account").focus(); return true; }
    const target = one(`[data-key="${CSS.escape(key)}"]`);
    if (!target) return false;
    if (/^(INPUT|TEXTAREA)$/.test(target.tagName)) { target.focus(); target.select(); } else target.click();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("[data-composer]");
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(event.shiftKey && form.dataset.mode === "reply" ? one("button[name=resolve]", form) : one("button[name=send]", form));
      return;
    }
    if (event.key === "Escape") {
      if (isTyping(event.target)) event.target.blur();
      else closePanel();
      return;
    }
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat && !"jk".includes(event.key)) return;
    if (kept(localStorage, "keys-off") && event.key !== "?") return;
    if (one(":popover-open") && event.key !== "?") return;
    if (act(event.key)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const pane = event.target.closest("[data-pane-link]");
    if (pane) { event.preventDefault(); showPane(pane.dataset.paneLink); return; }
    const mode = event.target.closest("[data-mode-button]");
    if (mode) { setMode(mode.closest("form"), mode.dataset.modeButton); return; }
    if (event.target.closest("[data-close-panel]")) { event.preventDefault(); closePanel(); return; }
    const greyed = event.target.closest("[aria-disabled=true]");
    if (greyed) { event.preventDefault(); const why = greyed.dataset.why, place = one(`#${greyed.dataset.whyAt || "why-not"}`); if (why && place) place.textContent = why; return; }
    const menu = one("details.menu[open]");
    if (menu && !menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("input", (event) => {
    const form = event.target.closest("[data-composer]");
    if (form && event.target.matches("textarea")) keep(sessionStorage, draftKey(form), event.target.value);
  });

  document.addEventListener("change", (event) => {
    if (event.target.id === "keys-on") keep(localStorage, "keys-off", event.target.checked ? "" : "1");
    const fills = event.target.selectedOptions?.[0]?.dataset.fillsAmount;
    const amount = fills && one("[data-amount]", event.target.form);
    if (amount) amount.value = fills;
  });

  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-composer]") && !window.htmx) keep(sessionStorage, draftKey(event.target), "");
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("[data-composer]");
    if (form && event.target === form && event.detail.xhr.status >= 200 && event.detail.xhr.status < 400) keep(sessionStorage, draftKey(form), "");
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.target;
    if (target?.id === "panel") {
      showPane("account");
      const panel = one("#panel");
      (one("[aria-invalid=true]", panel) || one("input:checked, input:not([type=hidden]), select, textarea", panel) || panel).focus();
      panel.scrollIntoView({ block: "nearest" });
    }
    if (target?.id === "composer") { const editor = one("#editor"); if (editor) { editor.focus(); editor.setSelectionRange(editor.value.length, editor.value.length); } }
    if (target?.id === "desk" || event.detail.elt?.id === "desk") arrive();
    const said = one("[data-say]", event.detail.elt || document);
    if (said) say(said.textContent.trim());
  });

  document.addEventListener("htmx:sendError", () => say("No connection. What you typed is kept; try again."));
  document.addEventListener("htmx:responseError", () => say("That did not work. What you typed is kept; try again."));

  /* A page is shown: the newest message in sight, the draft back in its place. */
  const arrive = () => {
    restoreDraft();
    const talk = one(".talk-pane");
    if (talk) talk.scrollTop = talk.scrollHeight;
    const ticked = one(".tick[aria-current]");
    if (ticked && canSee(ticked)) ticked.scrollIntoView({ block: "nearest" });
  };

  const box = one("#keys-on");
  if (box) box.checked = !kept(localStorage, "keys-off");
  arrive();
  document.documentElement.dataset.keys = "on";
})();
