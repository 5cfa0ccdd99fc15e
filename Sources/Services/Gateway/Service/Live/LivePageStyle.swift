extension LivePage {
  /// `/live.css`
  static let style = #"""
    :root {
      color-scheme: light dark;
      --ground: #f3efe6; --raised: #fffdf8; --line: #dcd5c6; --ink: #1f2a35; --soft: #66707a;
      --land: #ebe5d8; --grid: #ddd5c4; --kitchen: #8a6d3b; --free: #2f7d6d; --busy: #c8412b; --door: #3c58b5;
      --pending: #a8892c; --confirmed: #77903a; --preparing: #c76a26; --ready: #2f7d6d; --out: #c8412b;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #10171f; --raised: #18222d; --line: #2a3744; --ink: #e9eef2; --soft: #93a1ae;
        --land: #141d27; --grid: #202d3a; --kitchen: #c4a15f; --free: #5cc4ad; --busy: #ff7a5c; --door: #8ea6ff;
        --pending: #dcbb55; --confirmed: #a9c464; --preparing: #f09a55; --ready: #5cc4ad; --out: #ff7a5c;
      }
    }
    * { box-sizing: border-box; margin: 0; }
    html, body { height: 100%; }
    body {
      display: flex; flex-direction: column; background: var(--ground); color: var(--ink);
      font: 15px/1.45 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
    }
    header { display: flex; align-items: center; gap: 10px; padding: 12px 20px; border-bottom: 1px solid var(--line); background: var(--raised); }
    .mark { width: 26px; height: 26px; color: var(--busy); fill: currentColor; }
    h1 { font-size: 19px; letter-spacing: -0.01em; }
    #state { margin-left: auto; display: flex; align-items: center; gap: 8px; color: var(--soft); font-size: 13px; }
    .dot { width: 9px; height: 9px; border-radius: 50%; background: var(--pending); }
    .is-live .dot { background: var(--free); animation: beat 2s ease-in-out infinite; }
    .is-lost .dot { background: var(--busy); }
    @keyframes beat { 50% { opacity: 0.35; } }
    main { flex: 1; min-height: 0; display: grid; grid-template-columns: minmax(0, 1fr) 372px; }
    .map { position: relative; min-height: 0; background: var(--land); }
    .map canvas { position: absolute; inset: 0; width: 100%; height: 100%; display: block; }
    .legend {
      position: absolute; left: 16px; bottom: 16px; display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 8px 12px; list-style: none;
      background: var(--raised); border: 1px solid var(--line); border-radius: 8px; color: var(--soft); font-size: 12.5px;
    }
    .legend li { display: flex; align-items: center; gap: 7px; }
    .key { width: 9px; height: 9px; border-radius: 50%; }
    .key.kitchen { background: var(--kitchen); border-radius: 2px; }
    .key.free { background: var(--free); }
    .key.busy { background: var(--busy); }
    .key.door { border: 2px solid var(--door); }
    #tip {
      position: absolute; pointer-events: none; padding: 4px 9px; border-radius: 6px; background: var(--ink); color: var(--ground);
      font-size: 13px; white-space: nowrap; transform: translate(-50%, -150%);
    }
    .panel { min-height: 0; display: flex; flex-direction: column; padding: 18px 20px 0; border-left: 1px solid var(--line); background: var(--raised); }
    .figures { display: grid; grid-template-columns: 1fr 1fr; gap: 14px 18px; }
    .figures strong { display: block; font-size: 31px; line-height: 1.1; font-weight: 650; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
    .figures span { color: var(--soft); font-size: 13px; }
    h2 { display: flex; justify-content: space-between; margin: 22px 0 8px; font-size: 13px; font-weight: 600; color: var(--soft); }
    h2 output { color: var(--ink); font-variant-numeric: tabular-nums; }
    .stages { list-style: none; padding: 0; display: grid; gap: 6px; }
    .stages li { display: grid; grid-template-columns: 96px 1fr 34px; align-items: center; gap: 10px; font-size: 13.5px; }
    .stages b { font-weight: 600; text-align: right; font-variant-numeric: tabular-nums; }
    .track { height: 8px; border-radius: 4px; background: var(--land); overflow: hidden; }
    .track i { display: block; height: 100%; width: 0; border-radius: 4px; transition: width 0.6s ease; }
    .pending { --tone: var(--pending); } .confirmed { --tone: var(--confirmed); } .preparing { --tone: var(--preparing); }
    .ready_for_pickup { --tone: var(--ready); } .out_for_delivery { --tone: var(--out); }
    .delivered, .completed { --tone: var(--free); } .rejected, .cancelled { --tone: var(--soft); }
    .track i { background: var(--tone); }
    #rates { width: 100%; height: 56px; display: block; }
    .events { flex: 1; min-height: 120px; overflow-y: auto; list-style: none; padding: 0 0 16px; scrollbar-width: thin; }
    .events li { display: grid; grid-template-columns: 12px 1fr auto; gap: 10px; align-items: baseline; padding: 7px 0; border-top: 1px solid var(--line); }
    .events li:first-child { border-top: 0; }
    .events i { width: 8px; height: 8px; border-radius: 50%; background: var(--tone); }
    .events p { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .events span { color: var(--soft); }
    .events time { color: var(--soft); font-size: 12.5px; font-variant-numeric: tabular-nums; }
    .events .none { display: block; color: var(--soft); }
    noscript { padding: 20px; }
    @media (max-width: 860px) {
      html, body { height: auto; }
      main { display: block; }
      .map { height: 56vh; min-height: 300px; }
      .panel { border-left: 0; border-top: 1px solid var(--line); padding: 16px; }
      .figures { grid-template-columns: repeat(4, 1fr); gap: 10px; }
      .figures strong { font-size: 24px; }
      .figures span { font-size: 12px; line-height: 1.25; display: block; }
      .legend { left: 10px; bottom: 10px; right: 10px; justify-content: center; }
      header { padding: 10px 16px; }
    }
    @media (prefers-reduced-motion: reduce) {
      .is-live .dot { animation: none; }
      .track i { transition: none; }
    }
    """#
}
