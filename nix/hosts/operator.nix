# Whoever administers the hosts; an example, as the hosts are.
{
  keys = [ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEyKQ5iQ4ErlFxioyzwR46hyOBhvE3UG0DrMH+rZKHCV operator" ];
}
