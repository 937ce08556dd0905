"""The commands, a file for each. `commands.group` imports it when the command is called."""
