import { PEER_LIST } from './peers.ts'
import { SCENARIOS } from './scenarios/all.ts'
import { REPOSITORY } from './settings.ts'
import { hasProgram } from './programs.ts'

/** `pnpm bench list`: what there is to run, who can take part, who is absent. */
export function listCommand(source: boolean): void {
  const tsws = { root: REPOSITORY, source }
  const width = Math.max(...[...SCENARIOS, ...PEER_LIST].map(({ name }) => name.length)) + 2
  console.log('scenarios')
  for (const { name, title } of SCENARIOS) console.log(`  ${name.padEnd(width)}${title}`)
  console.log('\npeers')
  for (const peer of PEER_LIST) {
    const reason = peer.absent(tsws)
    console.log(`  ${peer.name.padEnd(width)}${reason === null ? peer.version() : `absent: ${reason}`}`)
  }
  console.log('\nload generators')
  for (const program of ['wrk', 'h2load', 'openssl']) {
    console.log(`  ${program.padEnd(width)}${hasProgram(program) ? 'here' : 'absent: not installed'}`)
  }
}
