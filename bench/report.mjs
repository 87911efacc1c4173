const HEAD = ['', 'verdict', 'states', 'transitions', 'CPU s', '(min-max)', 'wall s', 'with compile', 'Mt/CPU-s', 'B/state', 'CPU vs SPIN', 'rate vs SPIN']

const table = (rows) => {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)))
  return rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ').trimEnd()).join('\n')
}

const times = (ratio) => (Number.isFinite(ratio) ? `${ratio.toFixed(ratio < 10 ? 2 : 0)}x` : '')

/** The results as text: one table for each size. Ratios above 1 are in favour of the peer in that row. */
export const report = ({ cpu, cores, load, node }, absent, results) => {
  const sizes = new Set(results.map(({ size }) => JSON.stringify(size)))
  const parts = [`${cores} × ${cpu}, Node ${node}, load ${load.toFixed(1)}; medians of ${results[0]?.runs ?? 0} runs in turn`]
  for (const size of sizes) {
    const { walkers, ptes, fix } = JSON.parse(size)
    const here = results.filter((r) => JSON.stringify(r.size) === size)
    const rows = here.map((r) => {
      const spin = here.find((s) => s.peer.startsWith('SPIN') && s.reduced === r.reduced)
      const rate = r.transitions / r.searching
      return [
        r.peer, r.violated ? 'violated' : 'holds', r.states?.toLocaleString('en') ?? '', r.transitions?.toLocaleString('en') ?? '',
        r.cpu.toFixed(2), `${r.spread[0].toFixed(2)}-${r.spread[1].toFixed(2)}`, r.wall.toFixed(2), (r.wall + r.compile).toFixed(2),
        Number.isFinite(rate) ? (rate / 1e6).toFixed(2) : '', r.bytes && r.states ? (r.bytes / r.states).toFixed(1) : '',
        spin && spin !== r ? times(spin.cpu / r.cpu) : '',
        spin && spin !== r && !r.reduced ? times(rate / (spin.transitions / spin.searching)) : '',
      ]
    })
    parts.push(`(${walkers},${ptes}) ${fix ? 'with' : 'without'} fix\n${table([HEAD, ...rows])}`)
    const counts = new Set(here.filter((r) => !r.reduced).map((r) => `${r.states} ${r.transitions.toPrecision(7)}`))
    if (counts.size > 1) parts.push('THE UNREDUCED COUNTS DIFFER')
  }
  for (const { peer, missing } of absent) parts.push(`${peer}: not measured, ${missing} not found`)
  return parts.join('\n\n')
}
