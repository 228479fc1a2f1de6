"""Every benchmark, one after the other."""

from tests.bench import package

package.main()
