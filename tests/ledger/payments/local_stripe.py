"""The stand-in for Stripe, keeping nothing on disk: its one file in /tmp would belong to whoever ran it there first."""

from localstripe import resources, server

if __name__ == "__main__":
    resources.Store.dump_to_disk = lambda store: None
    server.start()
