import { parseArguments, USAGE } from './arguments.ts'
import type { Arguments } from './arguments.ts'
import { compareCommand } from './compare-command.ts'
import { listCommand } from './list-command.ts'
import { microCommand } from './micro-command.ts'
import { killAllAtExit, setNiceness } from './processes.ts'
import { reportCommand } from './report-command.ts'
import { runCommand } from './run-command.ts'

killAllAtExit()
try {
  const parsed = parseArguments(process.argv.slice(2))
  if (parsed.help) console.log(USAGE)
  else process.exitCode = await dispatch(parsed)
} catch (error) {
  const { message } = error as Error
  console.error(error instanceof TypeError ? `${message}\n\n${USAGE}` : message)
  process.exitCode = 1
}
process.exit()

function dispatch(parsed: Arguments): Promise<number> | number {
  setNiceness(parsed.nice)
  switch (parsed.command) {
    case 'compare':
      return compareCommand(parsed)
    case 'report':
      return reportCommand(parsed.names)
    case 'micro':
      return microCommand(parsed)
    case 'list':
      listCommand(parsed.settings.source)
      return 0
    case 'run':
      return runCommand(parsed)
  }
}
