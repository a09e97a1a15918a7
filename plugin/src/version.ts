/** Whether the program that was found is of the plugin's own version. */
import {execFile} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {promisify} from 'node:util'

const manifest = new URL('../../package.json', import.meta.url)

/** The plugin's own version. */
export function pluginVersion(): string {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as {version: string}).version
}

/** The program cannot be run at all; the message says why and what to do. */
export class Unusable extends Error {}

/** The version that a program says it is of. */
export async function programVersion(program: string): Promise<string> {
  let said
  try {
    said = await promisify(execFile)(program, ['--version'], {timeout: 10_000})
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw new Unusable(
      [
        `${program} cannot be run: ${why}`,
        'It may be damaged, or made for another platform.',
        'Install the plugin again: heroku plugins:install heroku-connect-swap',
      ].join('\n'),
    )
  }

  const version = /^connect-swap (\S+)\s*$/.exec(said.stdout)?.[1]
  if (version === undefined) throw new Unusable(`${program} is no connect-swap`)
  return version
}
