"""Places to compute, one file each; the contract is in ``flowloft.core.backend``."""
