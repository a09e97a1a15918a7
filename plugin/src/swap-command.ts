/** The command classes: what the Heroku CLI knows of a command, and how it hands over. */
import {findBinary, NoBinary, surroundings} from './binary.js'
import {runChild} from './child.js'
import {type HerokuCommand, loadHeroku} from './heroku.js'
import {type CommandMetadata, metadataOf} from './metadata.js'
import {notification, notify} from './notify.js'
import {pluginVersion, programVersion, Unusable} from './version.js'

const heroku = await loadHeroku()

/** The class of one command. `index` is the command without a name. */
export function swapCommand(name: string) {
  const metadata = metadataOf(name)
  return class extends heroku.Command {
    static baseFlags = heroku.Command.baseFlagsWithoutPrompt()
    static description = metadata.description
    static examples = metadata.examples
    static flags = {...(metadata.needsApp ? target() : {}), ...metadata.flags}
    static promptFlagActive = false
    static strict = false

    async run(): Promise<void> {
      const binary = await locate(this)
      const env = await environment(this, metadata)
      // The arguments go on untouched: the binary is the one that judges them.
      const argv = name === 'index' ? this.argv : [name, ...this.argv]
      const began = Date.now()
      process.exitCode = await runChild(binary, argv, env)
      const line = ['heroku', name === 'index' ? 'connect:swap' : `connect:swap:${name}`].join(' ')
      const isTerminal = process.stderr.isTTY === true
      await notify(notification(line, process.exitCode, Date.now() - began, isTerminal))
    }
  }
}

/** Which app is meant: resolved by the Heroku CLI from flags, environment and git remotes. */
function target() {
  return {app: heroku.flags.app({required: true}), remote: heroku.flags.remote()}
}

/** The program, of the plugin's own version unless somebody chose another. */
async function locate(command: HerokuCommand): Promise<string> {
  try {
    const found = findBinary(surroundings())
    const [ours, its] = [pluginVersion(), await programVersion(found.path)]
    if (ours !== its) mismatch(command, found.isOwn, `${found.path} is version ${its}, the plugin ${ours}`)
    return found.path
  } catch (error) {
    if (error instanceof NoBinary || error instanceof Unusable) command.error(error.message, {exit: 1})
    throw error
  }
}

function mismatch(command: HerokuCommand, isOwn: boolean, what: string): void {
  if (isOwn) command.warn(`${what}: flags and help may not fit`)
  else command.error(`${what}\nInstall the plugin again: heroku plugins:install heroku-connect-swap`, {exit: 1})
}

/** The binary's environment: this one, the app, and the login, which never goes into arguments. */
async function environment(
  command: HerokuCommand,
  metadata: CommandMetadata,
): Promise<NodeJS.ProcessEnv> {
  if (!metadata.needsApp) {
    command.parsed = true
    return process.env
  }

  const lenient = {'--': false, args: {}, flags: target(), strict: false}
  const {flags} = await command.parse(lenient, command.argv)
  const token = await login(command)
  const app = typeof flags['app'] === 'string' ? {HEROKU_APP: flags['app']} : {}
  return {...process.env, ...app, ...(token === undefined ? {} : {HEROKU_API_KEY: token})}
}

/** The token, after the CLI's own login where there is none and someone to log in. */
async function login(command: HerokuCommand): Promise<string | undefined> {
  const token = await command.heroku.getAuth()
  if (token !== undefined && token !== '') return token
  if (!process.stdin.isTTY) return undefined
  await command.heroku.get('/account')
  return command.heroku.getAuth()
}
