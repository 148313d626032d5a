extension PicturePage {
  /// The page's style. Colours tell nothing that a sign or a word does not tell too.
  package static let style = """
    :root { --paper: #f7f8fa; --card: #fff; --ink: #16202c; --quiet: #566373; --line: #d5dbe3; --area: #eef2f7;
      --box: #fff; --gateway: #1f6feb; --route: #1a7f4b; --leaf: #7a3fc4; --bad: #c62828;
      --bad-soft: #fdecea; --good: #1a7f4b;
      --tile: #e3eaf3; --storage: #d3e6fb; --storage-line: #6fa5e0; --band: rgba(26,127,75,.08); --star: #a35c00; }
    @media (prefers-color-scheme: dark) { :root { --paper: #0e141b; --card: #161e28; --ink: #e6ecf3; --quiet: #97a6b7;
      --line: #2a3644; --area: #141c26; --box: #1a2430; --gateway: #6cb0ff; --route: #5fce95; --leaf: #c39bff;
      --bad: #ff8078;
      --bad-soft: #3a1a1c; --good: #5fce95; --tile: #263342; --storage: #1d3a5c; --storage-line: #3f76b5;
      --band: rgba(95,206,149,.08); --star: #ffc266; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
    main { max-width: 1440px; margin: 0 auto; padding: 20px clamp(12px, 3vw, 36px) 48px; }
    header { display: flex; flex-wrap: wrap; gap: 4px 18px; align-items: baseline; }
    h1 { margin: 0; font-size: 24px; letter-spacing: -.01em; overflow-wrap: anywhere; }
    h2 { margin: 34px 0 8px; font-size: 16px; }
    header p { margin: 0; } .quiet, .notes { color: var(--quiet); } header .quiet { margin-left: auto; }
    .summary { font-weight: 600; } .summary.well { color: var(--good); } .summary.bad { color: var(--bad); }
    #lost { margin: 0; padding: 10px 16px; background: var(--bad); color: var(--paper); font-weight: 600;
      text-align: center; position: sticky; top: 0; z-index: 2; }
    body.lost main { filter: grayscale(.85); opacity: .6; }
    ul { list-style: none; margin: 0; padding: 0; }
    .problems { margin: 14px 0 0; padding: 10px 16px; border-left: 4px solid var(--bad); background: var(--bad-soft);
      color: var(--bad); border-radius: 6px; overflow-wrap: anywhere; }
    .figures { display: flex; flex-wrap: wrap; gap: 10px; margin: 16px 0 6px; }
    .figures li { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 8px 14px;
      flex: 1 1 auto; }
    .figures b { display: block; font-size: 17px; font-variant-numeric: tabular-nums; }
    .figures span { color: var(--quiet); font-size: 13px; }
    .figures .bad { border-color: var(--bad); } .figures .bad b { color: var(--bad); }
    .wide { overflow-x: auto; } .nothing { padding: 60px 0; text-align: center; color: var(--quiet); }
    svg { display: block; width: 100%; height: auto; margin: 0 auto; }
    svg[data-columns="1"] { max-width: 420px; } svg[data-columns="2"] { max-width: 820px; min-width: 480px; }
    svg[data-columns="3"] { max-width: 1180px; min-width: 700px; } svg[data-columns="4"] { min-width: 820px; }
    svg[data-columns="5"] { min-width: 960px; } svg[data-columns="6"] { min-width: 1120px; }
    svg text { fill: var(--ink); font: 12px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
    .area { fill: var(--area); stroke: var(--line); stroke-width: 1.5; }
    .region.bad .area { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 7 5; fill: var(--bad-soft); }
    svg .region-name { font-size: 20px; font-weight: 700; }
    .region .state { fill: var(--good); font-weight: 600; } svg .region.bad .state { fill: var(--bad); }
    svg .small { fill: var(--quiet); } svg .name { fill: var(--ink); font-weight: 600; }
    svg .kind { fill: var(--quiet); font-size: 12.5px; }
    .box { fill: var(--box); stroke: var(--line); }
    .band { fill: var(--band); stroke: var(--route); stroke-opacity: .55; stroke-width: 1.5; stroke-dasharray: 2 4;
      stroke-linecap: round; }
    .server rect { fill: var(--tile); stroke: transparent; stroke-width: 1.5; }
    .server.storage rect { fill: var(--storage); stroke: var(--storage-line); stroke-width: 1; }
    .server.down rect { fill: var(--bad-soft); stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 3 2; }
    svg .server .number { font-size: 13px; font-weight: 600; } svg .server.down .number { fill: var(--bad); }
    svg .star { fill: var(--star); font-size: 10px; }
    .leads { fill: var(--ink); } .follows { fill: none; stroke: var(--ink); stroke-width: 1; }
    svg .dots-text { font-size: 9px; }
    .server.picked rect { stroke: var(--ink); stroke-width: 2.5; } svg.picking .server:not(.picked) { opacity: .35; }
    .link { fill: none; stroke-width: 2; } .link.gateway { stroke: var(--gateway); }
    .link.route { stroke: var(--route); } .link.leaf { stroke: var(--leaf); }
    .link.missing { stroke: var(--bad); } .link.none { stroke-dasharray: 5 5; }
    .link.set { stroke-dasharray: 10 3; } .link.cut { stroke-dasharray: 2 7; }
    .label rect { fill: var(--paper); stroke-width: 1.2; } .label.gateway rect { stroke: var(--gateway); }
    .label.route rect { stroke: var(--route); } .label.leaf rect { stroke: var(--leaf); }
    svg .label.gateway text { fill: var(--gateway); } svg .label.route text { fill: var(--route); }
    svg .label.leaf text { fill: var(--leaf); }
    .label.missing rect { fill: var(--bad-soft); stroke: var(--bad); }
    svg .label.missing text { fill: var(--bad); font-weight: 600; }
    svg .routes-text { fill: var(--route); font-size: 11.5px; } svg .routes-text.missing { fill: var(--bad); }
    svg .leaf-text { fill: var(--leaf); font-size: 11.5px; } svg .leaf-text.missing { fill: var(--bad); }
    .legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin-top: 8px; color: var(--quiet); font-size: 13px;
      justify-content: center; }
    .mark { display: inline-block; width: 18px; height: 0; border-top: 3px solid; vertical-align: middle; }
    .mark.gateway { color: var(--gateway); } .mark.route { color: var(--route); } .mark.leaf { color: var(--leaf); }
    .mark.missing { color: var(--bad); border-top-style: dashed; } .mark.set { border-top-style: dashed; }
    .mark.storage { width: 13px; height: 12px; border: 1px solid var(--storage-line); background: var(--storage);
      border-radius: 3px; }
    .dot { display: inline-block; width: 8px; height: 8px; border-radius: 50%; border: 1.5px solid var(--ink); }
    .dot.leads { background: var(--ink); }
    table { border-collapse: collapse; width: 100%; background: var(--card); border: 1px solid var(--line);
      font-size: 13.5px; }
    th, td { text-align: left; padding: 6px 10px; border-top: 1px solid var(--line); vertical-align: top;
      white-space: nowrap; }
    thead th { color: var(--quiet); font-weight: 600; font-size: 12.5px; border-top: 0; }
    tbody th { font-weight: 600; max-width: 26em; overflow: hidden; text-overflow: ellipsis; }
    small { color: var(--quiet); font-weight: 400; margin-left: 8px; } .copies { white-space: normal; }
    section > p { margin: 0 0 8px; font-size: 13.5px; }
    .n { text-align: right; font-variant-numeric: tabular-nums; } .url { color: var(--quiet); }
    tr.bad th, tr.bad .n, tr.bad .state, td.bad, tr.bad td:last-child:not(.url) { color: var(--bad); }
    tr.stream { cursor: default; } tr.stream:hover, tr.stream:focus { background: var(--area); }
    :focus-visible { outline: 2px solid var(--gateway); outline-offset: -2px; }
    .copy { display: inline-block; margin: 0 6px 2px 0; padding: 0 8px; border: 1px solid var(--line); border-radius: 9px; }
    .copy.leads { border-color: var(--ink); font-weight: 600; fill: none; }
    .copy.bad { border-color: var(--bad); color: var(--bad); background: var(--bad-soft); }
    .copy em { font-style: normal; font-weight: 400; color: var(--quiet); margin-left: 6px; }
    .copy.bad em { color: inherit; }
    .notes li { overflow-wrap: anywhere; }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    code { font: 13.5px ui-monospace, monospace; }
    @media (max-width: 640px) { header .quiet { margin-left: 0; } .figures li { flex: 1 1 40%; } }
    @media print { body { background: #fff; } }
    """
}

extension PicturePage {
  /// The page's script: shows where a stream's copies are, and, where the page is live, brings it up to date without
  /// disturbing what somebody looks at.
  static let script = """
    (() => {
      "use strict";
      const lost = document.getElementById("lost");
      const picture = () => document.getElementById("picture");
      let picked = null;

      function pick(name) {
        picked = name;
        const row = [...document.querySelectorAll("tr.stream")].find(r => r.dataset.stream === name);
        const servers = new Set(row ? row.dataset.servers.split(" ") : []);
        const drawing = document.querySelector("svg");
        if (drawing) drawing.classList.toggle("picking", servers.size > 0);
        for (const tile of document.querySelectorAll(".server"))
          tile.classList.toggle("picked", servers.has(tile.dataset.server));
      }
      const rowOf = event => event.target.closest ? event.target.closest("tr.stream") : null;
      for (const kind of ["mouseover", "focusin"])
        document.addEventListener(kind, event => {
          const row = rowOf(event);
          if ((row ? row.dataset.stream : null) !== picked) pick(row ? row.dataset.stream : null);
        });

      // Changes only what differs: a tooltip, the focus and what is scrolled stay as they are.
      function bring(old, fresh) {
        if (old.isEqualNode(fresh)) return;
        if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return old.replaceWith(fresh);
        if (old.nodeType !== Node.ELEMENT_NODE) { old.nodeValue = fresh.nodeValue; return; }
        for (const a of [...old.attributes]) if (!fresh.hasAttribute(a.name)) old.removeAttribute(a.name);
        for (const a of fresh.attributes) if (old.getAttribute(a.name) !== a.value) old.setAttribute(a.name, a.value);
        const before = [...old.childNodes], after = [...fresh.childNodes];
        for (let i = 0; i < after.length; i++) i < before.length ? bring(before[i], after[i]) : old.append(after[i]);
        for (const extra of before.slice(after.length)) extra.remove();
      }

      async function look() {
        try {
          const answer = await fetch("picture", { cache: "no-store", signal: AbortSignal.timeout(10000) });
          if (!answer.ok) throw new Error(answer.status);
          const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
          bring(picture(), parsed.getElementById("picture"));
          pick(picked);
          lost.hidden = true;
          document.body.classList.remove("lost");
        } catch {
          lost.textContent = "nbx does not answer any more. This is the picture of " + picture().dataset.taken + ".";
          lost.hidden = false;
          document.body.classList.add("lost");
        }
        setTimeout(look, 1000);
      }
      if (document.body.dataset.live === "yes") setTimeout(look, 1000);
    })();
    """
}
