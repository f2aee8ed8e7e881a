import { expect, it } from 'vitest'
import { parseArguments } from '../src/arguments.ts'
import { FULL, QUICK } from '../src/settings.ts'

it('runs every scenario with the full settings when nothing is said', () => {
  const { command, names, peers, settings } = parseArguments([])
  expect({ command, names, peers }).toEqual({ command: 'run', names: [], peers: null })
  expect(settings).toMatchObject(FULL)
})

it('reads scenarios, peers, rounds, the duration and the warm-up', () => {
  const times = ['--rounds', '7', '--duration', '4', '--warm-up', '10']
  const parsed = parseArguments(['hello', 'tls', '--peers', 'tsws,nginx', ...times])
  expect(parsed.names).toEqual(['hello', 'tls'])
  expect(parsed.peers).toEqual(['tsws', 'nginx'])
  expect(parsed.settings).toMatchObject({ rounds: 7, durationMs: 4000, warmUpMs: 10_000 })
})

it('shortens the rounds for --quick, and lets --rounds have the last word', () => {
  expect(parseArguments(['--quick']).settings).toMatchObject(QUICK)
  expect(parseArguments(['--quick', '--rounds', '9']).settings.rounds).toBe(9)
})

it('skips the -- that pnpm passes on', () => {
  expect(parseArguments(['--', 'hello', '--quick']).names).toEqual(['hello'])
})

it('takes a negative niceness in both spellings', () => {
  expect(parseArguments(['hello', '--nice', '-15', '--quick'])).toMatchObject({
    nice: -15,
    names: ['hello'],
    quick: true,
  })
  expect(parseArguments(['--nice=-5']).nice).toBe(-5)
  expect(parseArguments([]).nice).toBe(0)
})

it('takes the words behind a command as its own', () => {
  expect(parseArguments(['compare', 'HEAD~3', 'hello'])).toMatchObject({
    command: 'compare',
    names: ['HEAD~3', 'hello'],
  })
})

it.each([
  [['--rounds', '0'], '--rounds'],
  [['--rounds', '2.5'], '--rounds'],
  [['--duration', 'long'], '--duration'],
  [['--warm-up', '0'], '--warm-up'],
  [['--load-cpu', 'a;b'], '--load-cpu'],
  [['--peer', 'x'], '--peer'],
  [['--nice', '-30'], '--nice'],
])('refuses %j and names it', (argv, named) => {
  expect(() => parseArguments(argv)).toThrow(TypeError)
  expect(() => parseArguments(argv)).toThrow(named)
})
