import { parseArgs } from 'node:util'
import { COMPARE, CPUS, FULL, QUICK } from './settings.ts'
import type { Settings } from './settings.ts'

export interface Arguments {
  readonly command: 'run' | 'compare' | 'report' | 'micro' | 'list'
  /** Scenarios, or what the command takes. */
  readonly names: readonly string[]
  readonly peers: readonly string[] | null
  readonly baseline: string | undefined
  readonly settings: Settings
  readonly quick: boolean
  readonly nice: number
  readonly help: boolean
}

export const USAGE = `pnpm bench [scenario…] [options]      measure the servers side by side
pnpm bench compare REV [scenario…]    tsws at REV (or OLD..NEW) against tsws here, interleaved
pnpm bench micro [topic…]             the packages against their peers, in-process
pnpm bench report [file…]             tables and charts from bench/results into README.md and docs/bench.md
pnpm bench list                       what there is to run, and what is absent

  --peers a,b       only these servers
  --baseline NAME   whom the ratios are to
  --rounds N        interleaved rounds (5; compare 12; --quick 3)
  --duration N      seconds of one timing (3; compare and --quick 2)
  --warm-up N       seconds of load before each timing, thrown away (1)
  --quick           a shorter run, for tuning: wider spread
  --source          tsws from its TypeScript sources instead of dist
  --server-cpu N    core of the servers (0)
  --load-cpu N      core of the load generator (1)
  --nice N          niceness of all that is measured (0); below 0 as root, where others use the machine
`

/**
 * @throws {TypeError} saying which argument is wrong and what was expected
 */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    // pnpm passes a `--` on; a negative number would be taken for an option.
    args: argv.filter((argument) => argument !== '--').flatMap(joinNegative),
    allowPositionals: true,
    options: {
      peers: { type: 'string' },
      baseline: { type: 'string' },
      rounds: { type: 'string' },
      duration: { type: 'string' },
      'warm-up': { type: 'string' },
      quick: { type: 'boolean', default: false },
      source: { type: 'boolean', default: false },
      'server-cpu': { type: 'string', default: CPUS.serverCpu },
      'load-cpu': { type: 'string', default: CPUS.loadCpu },
      nice: { type: 'string', default: '0' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const [first, ...rest] = positionals
  const command =
    first === 'compare' || first === 'report' || first === 'micro' || first === 'list' ? first : 'run'
  const preset = values.quick ? QUICK : command === 'compare' ? COMPARE : FULL
  return {
    command,
    names: command === 'run' ? positionals : rest,
    peers: values.peers === undefined ? null : values.peers.split(',').filter((name) => name !== ''),
    baseline: values.baseline,
    settings: {
      rounds: count('--rounds', values.rounds) ?? preset.rounds,
      warmUpMs: (count('--warm-up', values['warm-up']) ?? preset.warmUpMs / 1000) * 1000,
      durationMs: (count('--duration', values.duration) ?? preset.durationMs / 1000) * 1000,
      serverCpu: cpuList('--server-cpu', values['server-cpu']),
      loadCpu: cpuList('--load-cpu', values['load-cpu']),
      source: values.source,
    },
    quick: values.quick,
    nice: niceness(values.nice),
    help: values.help,
  }
}

/** `--nice -15` as `--nice=-15`, which parseArgs understands. */
function joinNegative(argument: string, at: number, all: string[]): string[] {
  if (argument === '--nice' && at + 1 < all.length) return [`--nice=${all[at + 1]}`]
  return at > 0 && all[at - 1] === '--nice' ? [] : [argument]
}

function count(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (!/^[1-9]\d{0,3}$/.test(value))
    throw new TypeError(`${name}: expected a whole number from 1 to 9999, got "${value}"`)
  return Number(value)
}

function cpuList(name: string, value: string): string {
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(value)) {
    throw new TypeError(`${name}: expected cores as taskset lists them ("0", "2-3"), got "${value}"`)
  }
  return value
}

function niceness(value: string): number {
  if (!/^(-?1?\d|-20)$/.test(value)) throw new TypeError(`--nice: expected -20 to 19, got "${value}"`)
  return Number(value)
}
