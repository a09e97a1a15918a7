/**
 * The Heroku CLI's own command library.
 *
 * The running CLI brings a copy; using it saves 90 MB of dependencies and most of the start-up
 * time, and makes login, hosts and git remotes behave exactly as in every other command. Where
 * the running program is no Heroku CLI, the plugin's own (optional, peer) dependency is taken.
 */
import {realpathSync} from 'node:fs'
import {createRequire} from 'node:module'
import {pathToFileURL} from 'node:url'

const LIBRARY = '@heroku-cli/command'

/** What is used of a command. */
export interface HerokuCommand {
  argv: string[]
  error(message: string, options: {exit: number; suggestions?: string[]}): never
  heroku: {
    get(path: string): Promise<unknown>
    getAuth(): Promise<string | undefined>
  }
  parse(options: object, argv?: string[]): Promise<{flags: Record<string, unknown>}>
  parsed: boolean
}

/** What is used of the library. */
export interface HerokuLibrary {
  readonly Command: {
    baseFlagsWithoutPrompt(): Record<string, unknown>
    new (argv: string[], config: unknown): HerokuCommand
  }
  readonly flags: {
    app(options: {required: boolean}): unknown
    remote(): unknown
  }
}

/** Loads the running CLI's copy, else the plugin's own. */
export async function loadHeroku(): Promise<HerokuLibrary> {
  const running = process.argv[1]
  const places = running === undefined ? [] : [pathToFileURL(realpathSync(running)).href]
  for (const place of [...places, import.meta.url]) {
    const path = resolve(place)
    if (path !== undefined) return (await import(pathToFileURL(path).href)) as HerokuLibrary
  }

  throw new Error(`${LIBRARY} was not found: run this plugin with the Heroku CLI`)
}

function resolve(from: string): string | undefined {
  try {
    return createRequire(from).resolve(LIBRARY)
  } catch {
    return undefined
  }
}
