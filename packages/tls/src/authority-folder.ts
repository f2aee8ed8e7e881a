import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * Where a user's programs keep what is theirs and not to be lost: `$XDG_DATA_HOME` (XDG Base Directory Specification 0.8),
 * `~/Library/Application Support`, `%LOCALAPPDATA%`. The last part begins with a dot: who serves their whole home must not
 * serve the key with it.
 */
export function authorityFolder(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
  home: string = homedir(),
): string {
  return join(dataFolder(platform, environment, home), 'tsws', '.authority')
}

function dataFolder(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv, home: string): string {
  const { XDG_DATA_HOME: data, LOCALAPPDATA: local } = environment
  // A relative path is invalid, and to be ignored.
  if (data !== undefined && isAbsolute(data)) return data
  if (platform === 'win32') return local || join(home, 'AppData', 'Local')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support')
  return join(home, '.local', 'share')
}
