"""What the containers of a deployment run beside the programs themselves."""
