import {swapCommand} from '../../../swap-command.js'

export default swapCommand('follow')
