"""What a caller is allowed to hear: the base of every refusal the four apps make."""


class DomainError(Exception):
    """A request that was understood and refused.

    The message is a sentence an agent can read out to a customer. Subclasses are named after the fact that
    stood in the way and live beside the function that raises them. `code` is the stable name integrations see.
    """

    @classmethod
    def code(cls) -> str:
        """Return the class name in snake case, e.g. `refund_not_in_state`."""
        out = ""
        for index, letter in enumerate(cls.__name__):
            out += "_" + letter.lower() if letter.isupper() and index else letter.lower()
        return out


class NotFound(DomainError):
    """The object does not exist, or belongs to somebody else: the two are never told apart."""


class InvalidInput(DomainError):
    """The input cannot be understood; the message names the field and the rule."""


class NotAllowed(DomainError):
    """The doer's role does not include this act."""
