{ What programs use of Delphi's unit, declared for Free Pascal's compiler. Nothing here runs. }
unit System.NetEncoding;

{$mode delphi}{$H+}

interface

type
  TNetEncoding = class
    class function Base64: TNetEncoding; static;
    function Encode(const Text: string): string;
  end;

implementation

class function TNetEncoding.Base64: TNetEncoding; begin Result := nil; end;
function TNetEncoding.Encode(const Text: string): string; begin Result := ''; end;

end.
